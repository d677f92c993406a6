import { deserialize, serialize } from "node:v8";
import { Packr } from "msgpackr";
import type { Failure } from "../backend/failure.ts";
import type { Program } from "../backend/program.ts";
import type { Invocation, TaskResult } from "../backend/task.ts";
import { LambdaskError } from "../base/errors.ts";

/** What the client sends a worker. */
export type ToWorker =
  | {
      readonly kind: "run";
      readonly invocation: Omit<Invocation, "program">;
      readonly program: Program["id"];
      /** The program itself, unless this worker has it. */
      readonly body?: Program;
    }
  /** Stop the running invocation: its tasks' signals abort. */
  | { readonly kind: "cancel" };

/** What a worker sends the client. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "results"; readonly results: readonly TaskResult[] }
  | {
      readonly kind: "finished";
      readonly results: readonly TaskResult[];
      /** Memory stays taken after the garbage was collected: start another worker instead. */
      readonly recycle: boolean;
    };

/**
 * Tasks and results are many and plain, so they are packed. Free data in them (parameters, statistics, errors) is
 * rare and goes through the structured clone algorithm, which keeps every value as it is.
 */
const packer = new Packr({ useRecords: true, moreTypes: true });

/** `message` as bytes. */
export function encodeToWorker(message: ToWorker): Uint8Array {
  if (message.kind !== "run" || message.body === undefined) return packer.pack(message);
  return packer.pack({ ...message, body: serialize(message.body) });
}

/** The message that `encodeToWorker` wrote. */
export function decodeToWorker(bytes: Uint8Array): ToWorker {
  const message = unpack(bytes) as ToWorker;
  if (message.kind !== "run" || message.body === undefined) return message;
  return { ...message, body: deserialize(message.body as unknown as Uint8Array) as Program };
}

/** `message` as bytes. */
export function encodeFromWorker(message: FromWorker): Uint8Array {
  if (message.kind === "ready") return packer.pack(message);
  return packer.pack({ ...message, results: message.results.map(wrapResult) });
}

/** The message that `encodeFromWorker` wrote. */
export function decodeFromWorker(bytes: Uint8Array): FromWorker {
  const message = unpack(bytes) as FromWorker;
  if (message.kind === "ready") return message;
  return { ...message, results: message.results.map(unwrapResult) };
}

/** The packer reads through node's Buffer, but what it gives out must be plain arrays: `slice` of a Buffer is a view. */
function unpack(bytes: Uint8Array): unknown {
  return packer.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function wrapResult(result: TaskResult): unknown {
  if (result.status === "failed") return { ...result, failure: serialize(result.failure) };
  if (result.output.statistics === undefined) return result;
  return {
    ...result,
    output: { ...result.output, statistics: serializeStatistics(result.output.statistics) },
  };
}

function serializeStatistics(statistics: unknown): Uint8Array {
  try {
    return serialize(statistics);
  } catch (cause) {
    throw new LambdaskError("BUG", { message: "internal: statistics are no plain data", cause });
  }
}

/** The counterpart of `wrapResult`: bytes stand where the wrapped data belongs. */
function unwrapResult(result: TaskResult): TaskResult {
  if (result.status === "failed") {
    return { ...result, failure: deserialize(result.failure as unknown as Uint8Array) as Failure };
  }
  if (result.output.statistics === undefined) return result;
  const statistics: unknown = deserialize(result.output.statistics as Uint8Array);
  return { ...result, output: { ...result.output, statistics } };
}
