import type { Failure } from "../backend/failure.ts";
import { isLambdaskError, type LambdaskError } from "../base/errors.ts";
import { errorData } from "./error-data.ts";

/** Thrown inside a task for a failure whose kind is known where it happens: a lost or corrupt input. */
export class TaskFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`a task failed: ${failure.kind}`);
    this.failure = failure;
  }
}

/** Thrown for whatever a store call threw, so that it is never taken for the user's own error. */
export class StoreCallFailed extends Error {
  constructor(cause: unknown) {
    super("a call of the chunk store failed", { cause });
  }
}

/** Runs a call of the store; what it throws is told apart from what the user's code throws. */
export async function onStore<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw cause instanceof StoreCallFailed || cause instanceof TaskFailure
      ? cause
      : new StoreCallFailed(cause);
  }
}

/** The failure that something thrown in a task stands for. */
export function failureOf(thrown: unknown, peakBytes: () => number): Failure {
  if (thrown instanceof TaskFailure) return thrown.failure;
  if (thrown instanceof StoreCallFailed) return storeFailure(thrown.cause);
  if (isLambdaskError(thrown)) return ownFailure(thrown, peakBytes);
  if (thrown instanceof RangeError && /allocation failed/i.test(thrown.message)) {
    return { kind: "memory", detail: thrown.message, peakBytes: peakBytes() };
  }
  return { kind: "user", error: errorData(thrown) };
}

/** Store errors without a code of ours may pass: another worker, or this one later, tries again with backoff. */
function storeFailure(cause: unknown): Failure {
  if (isLambdaskError(cause)) return { kind: "fatal", error: errorData(cause) };
  const detail = cause instanceof Error ? cause.message : String(cause);
  return { kind: "worker-lost", detail: `the chunk store failed: ${detail}` };
}

function ownFailure(error: LambdaskError, peakBytes: () => number): Failure {
  switch (error.code) {
    case "MISMATCH":
      return { kind: "mismatch", detail: error.message };
    case "OUT_OF_MEMORY":
      return { kind: "memory", detail: error.message, peakBytes: peakBytes() };
    case "SOURCE":
    case "STORE":
    case "CORRUPT_CHUNK":
    case "BUG":
      return { kind: "fatal", error: errorData(error) };
    default:
      return { kind: "user", error: errorData(error) };
  }
}
