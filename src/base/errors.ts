/**
 * The closed family of errors this library throws. They are told apart by `code`, never by text:
 * `instanceof` fails across realms and wires.
 */
export type ErrorCode =
  /** An argument or option has the wrong type, is out of range or is unknown. */
  | "BAD_ARGUMENT"
  /** A name or operation does not exist on a lazy value (setting, iterating, converting to a primitive). */
  | "LAZY_MISUSE"
  /** A function or captured value cannot be sent to a worker. */
  | "CANNOT_SHIP"
  /** A value cannot be written as a chunk without losing what it is. */
  | "NOT_DATA"
  /** A file, folder or object of the user's is missing, unreadable, or changed while it was used. */
  | "SOURCE"
  /** The user's function threw in a task. */
  | "TASK_FAILED"
  /** What sets up a client or a worker (`setUpClient`, `setUpWorker`) threw. */
  | "SET_UP_FAILED"
  /** One task ended three workers. */
  | "POISON_TASK"
  /** A task ran longer than its deadline. */
  | "TASK_TIMEOUT"
  /** A plan needs more memory than a worker has, or a task used it up alone on a worker. */
  | "OUT_OF_MEMORY"
  /** A named limit (counts, sizes, depth) is exceeded. */
  | "LIMIT"
  /** The work was cancelled. */
  | "CANCELLED"
  /** The chunk store failed in a way no retry can cure: disk full, no permission, read-only. */
  | "STORE"
  /** A chunk's bytes are not what was written, and writing it again did not help. */
  | "CORRUPT_CHUNK"
  /** Nothing is published under the name. */
  | "NOT_PUBLISHED"
  /** Something is published under the name already. */
  | "ALREADY_PUBLISHED"
  /** A chunk of what was published is gone from the store, and this program does not have the work that made it. */
  | "CHUNK_LOST"
  /** Client and worker, or code and its hash, do not match. */
  | "MISMATCH"
  /** No worker could be started or kept alive. */
  | "NO_WORKERS"
  /** The client is closed. */
  | "CLOSED"
  /** This runtime cannot run the library. */
  | "UNSUPPORTED_RUNTIME"
  /** A defect in this library. */
  | "BUG";

/** What an error carries besides its code. */
export interface ErrorFields {
  /** What happened, to which thing, and the limit or rule. */
  readonly message: string;
  /** What to do about it: one imperative sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Facts for programs: sizes, names, positions. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const marker = Symbol.for("lambdask.error");

/**
 * Every error of this library.
 * @example
 * ```ts
 * try {
 *   readText("nowhere/*.txt");
 * } catch (error) {
 *   if (isLambdaskError(error, "SOURCE")) console.log(error.fix?.split(",")[0]); // → check the pattern
 * }
 * ```
 */
export class LambdaskError extends Error {
  override readonly name: string = "LambdaskError";
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, fields: ErrorFields) {
    const text =
      fields.fix === undefined ? fields.message : `${fields.message}\n  fix: ${fields.fix}`;
    super(`${text} [${code}]`, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.fix = fields.fix;
    this.data = fields.data ?? {};
    Object.defineProperty(this, marker, { value: true });
  }
}

/**
 * True if `value` is an error of this library and, when `code` is given, has that code. Works across realms.
 * @example
 * ```ts
 * console.log(isLambdaskError(new Error("other"))); // → false
 * ```
 */
export function isLambdaskError(value: unknown, code?: ErrorCode): value is LambdaskError {
  if (typeof value !== "object" || value === null || !(marker in value)) return false;
  return code === undefined || (value as { code?: unknown }).code === code;
}

/** A BAD_ARGUMENT error in the house form: `where: expected …, got …`. */
export function badArgument(where: string, expected: string, got: unknown): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: expected ${expected}, got ${shortly(got)}`,
    data: { where, expected },
  });
}

const lazyKey = Symbol.for("lambdask.lazy");

/** A value as a few words for a message: never long, never running user code. */
export function shortly(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (isLazy(value)) return "a lazy value";
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return "an object";
}

/** Bags, delayed values and futures, as `isLazy` knows them. Delayed values are functions too. */
function isLazy(value: unknown): boolean {
  const may = (typeof value === "object" && value !== null) || typeof value === "function";
  return may && lazyKey in value;
}
