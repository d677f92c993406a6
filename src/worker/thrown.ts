import type { Failure } from "../backend/failure.ts";
import { type ErrorCode, isLambdaskError, type LambdaskError } from "../base/errors.ts";
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

/** The failure that something thrown in a task stands for. Never throws itself. */
export function failureOf(thrown: unknown, peakBytes: () => number): Failure {
  try {
    return knownFailure(thrown, peakBytes);
  } catch {
    // A proxy that throws at any look at it is the user's.
    return { kind: "user", error: errorData(thrown) };
  }
}

function knownFailure(thrown: unknown, peakBytes: () => number): Failure {
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
  return { kind: "store", detail };
}

/** Our own errors that no other attempt cures unless they say so, as far as they are not about what the user's code did. */
const incurable: ReadonlySet<ErrorCode> = new Set(["SOURCE", "STORE", "CORRUPT_CHUNK", "BUG"]);

function ownFailure(error: LambdaskError, peakBytes: () => number): Failure {
  if (error.code === "MISMATCH") return { kind: "mismatch", detail: error.message };
  if (error.code === "OUT_OF_MEMORY") {
    return { kind: "memory", detail: error.message, peakBytes: peakBytes() };
  }
  // A read that may succeed next time is tried as often as the user lets functions be tried.
  const curable = !incurable.has(error.code) || error.data["mayPass"] === true;
  return { kind: curable ? "user" : "fatal", error: errorData(error) };
}
