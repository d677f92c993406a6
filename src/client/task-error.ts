import type { ErrorData, Failure } from "../backend/failure.ts";
import { unreachable } from "../base/assert.ts";
import { type ErrorCode, LambdaskError } from "../base/errors.ts";
import { shownStack } from "../code/user-frames.ts";
import { setting } from "../config/resolve.ts";
import type { TaskFailure } from "../schedule/driver.ts";
import { askedForAt, type CallSite, placeOfFrame, userFrames } from "./call-site.ts";
import { rebuildError } from "./rebuild-error.ts";

/** A task that failed for good, in words for people. */
export interface FailedTask {
  /** What ran: the function's name. */
  readonly label: string;
  readonly index: number;
  readonly attempts: number;
  /** `file:line:column` of the function. */
  readonly definedAt: string;
  /** What `setUpWorker` is called, if the task's worker is set up by one. */
  readonly setUp?: string;
}

/**
 * A task failed. `cause` is what the user's function threw, rebuilt here; the message names the task, its attempts,
 * the original error, and where the work was defined and asked for.
 * @example
 * ```ts
 * const parse = delayed((text: string) => JSON.parse(text) as number);
 * try {
 *   await parse("{").compute();
 * } catch (error) {
 *   if (error instanceof TaskError) console.log(error.task.attempts, error.cause instanceof SyntaxError); // → 1 true
 * }
 * ```
 */
export class TaskError extends LambdaskError {
  override readonly name: string = "TaskError";
  readonly #task: FailedTask;

  constructor(
    code: ErrorCode,
    fields: {
      readonly message: string;
      readonly task: FailedTask;
      readonly cause?: unknown;
      readonly fix?: string;
    },
  ) {
    const { message, task, ...rest } = fields;
    super(code, { message, data: { ...task }, ...rest });
    this.#task = task;
  }

  /**
   * Which task it was.
   * @example
   * ```ts
   * const fails = delayed((n: number) => { throw new RangeError(`${n}`); }, { name: "check" });
   * const [{ error }] = await compute(fails(1), { onError: "collect" });
   * if (error instanceof TaskError) console.log(error.task.label); // → check
   * ```
   */
  get task(): FailedTask {
    return this.#task;
  }
}

/** The error for a failed task. `site`: where the work was asked for. */
export function taskError(failed: TaskFailure, task: FailedTask, site: CallSite): TaskError {
  const { failure } = failed;
  const facts = factsOf(failure, failed.attempts, task.setUp);
  const cause = facts.error === undefined ? undefined : rebuildCleanly(facts.error);
  const frames = userFrames(site.stack);
  const askedFor = frames[0] === undefined ? undefined : placeOfFrame(frames[0]);
  const tries = task.attempts === 1 ? "" : ` after ${task.attempts} attempts`;
  const lines = [
    `task "${task.label}" #${task.index} failed${tries}: ${facts.what}`,
    ...(facts.error === undefined ? [] : userFrames(facts.error.stack).slice(0, 1)),
    ...(task.definedAt === "" ? [] : [`  defined at ${task.definedAt}`]),
    ...(askedFor === undefined ? [] : [`  asked for at ${askedFor}`]),
  ];
  const error = new TaskError(facts.code, {
    message: lines.join("\n"),
    task,
    ...(cause === undefined ? {} : { cause }),
    ...(facts.fix === undefined ? {} : { fix: facts.fix }),
  });
  return askedForAt(site, error);
}

function rebuildCleanly(data: ErrorData): unknown {
  const error = rebuildError(data);
  const allFrames = setting("allFrames");
  // Its cause, the errors of an AggregateError and those in fields of its own.
  const errors = new Set([error]);
  for (const at of errors) {
    if (!(at instanceof Error)) continue;
    if (typeof at.stack === "string") at.stack = shownStack(at.stack, { allFrames });
    const gathered: readonly unknown[] = at instanceof AggregateError ? at.errors : [];
    const fields: readonly unknown[] = Object.values(at);
    for (const each of [at.cause, ...gathered, ...fields]) errors.add(each);
  }
  return error;
}

interface FailureFacts {
  readonly code: ErrorCode;
  readonly what: string;
  readonly error?: ErrorData;
  readonly fix?: string;
}

function factsOf(failure: Failure, attempts: number, setUp: string | undefined): FailureFacts {
  switch (failure.kind) {
    case "user":
      if (failure.setUp !== undefined) return setUpFacts(failure.error, failure.setUp);
      return thrownFacts(failure.error, "TASK_FAILED");
    case "fatal":
      return thrownFacts(failure.error, "STORE");
    case "worker-lost":
      return {
        code: "POISON_TASK",
        what: `it ended ${attempts} workers, the last one with: ${failure.detail}`,
        fix: "look for process.exit, native crashes or runaway recursion in the function",
      };
    case "store":
      return {
        code: "STORE",
        what: `the chunk store failed each time, the last time with: ${failure.detail}`,
        fix: "check the disk or the network that the store is on, and run the program again to go on",
      };
    case "timeout":
      return {
        code: "TASK_TIMEOUT",
        what: `it ran longer than its limit of ${Math.round(failure.afterMs)} ms`,
        fix:
          setUp === undefined
            ? "give it a longer timeout, or less work"
            : `give it a longer timeout, or less work; the first task of a worker waits for setUpWorker "${setUp}"`,
      };
    case "memory":
      return {
        code: "OUT_OF_MEMORY",
        what: `it used up its worker's memory: ${failure.detail}`,
        fix: "make its input smaller, or give workers more: connect({ memory }) here, deploy --memory-mb on AWS",
      };
    case "lost-input":
      return {
        code: "STORE",
        what: `its input ${failure.key} is gone and could not be made again`,
      };
    case "corrupt-input":
      return {
        code: "CORRUPT_CHUNK",
        what: `its input ${failure.key} is damaged even after it was made again: ${failure.detail}`,
        fix: "check the disk that holds the store",
      };
    case "mismatch":
      return {
        code: "MISMATCH",
        what: failure.detail,
        fix: "run client and workers with the same version of lambdask",
      };
    case "throttle":
    case "returned":
      return { code: "BUG", what: `it ended as "${failure.kind}", which is no failure` };
    default:
      return unreachable(failure);
  }
}

function thrownFacts(error: ErrorData, code: ErrorCode): FailureFacts {
  return ownFacts(error) ?? { code, what: describeThrown(error), error };
}

function setUpFacts(error: ErrorData, setUp: string): FailureFacts {
  return {
    code: "SET_UP_FAILED",
    what: `its worker could not be set up: "${setUp}" failed: ${ownFacts(error)?.what ?? describeThrown(error)}`,
    error,
    fix: "mend what it failed with, or give the work retries: each attempt calls setUpWorker again",
  };
}

/** `TypeError: message`, or the thrown value when it is no Error. */
function describeThrown(error: ErrorData): string {
  if (error.name === "") return `threw ${error.message}`;
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}

/** The facts of an error of ours that a task threw: its code and fix say more than "a task failed". */
function ownFacts(error: ErrorData): FailureFacts | undefined {
  const { code, fix } = error.fields;
  if (error.name !== "LambdaskError" || typeof code !== "string") return undefined;
  const hasFix = typeof fix === "string";
  const tail = `${hasFix ? `\n  fix: ${fix}` : ""} [${code}]`;
  const { message } = error;
  return {
    code: code as ErrorCode, // Only this library writes it there.
    what: message.endsWith(tail) ? message.slice(0, -tail.length) : message,
    error,
    ...(hasFix ? { fix } : {}),
  };
}
