import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { checkFutures, Future, placeOf } from "./future.ts";

/** What is done about a call that nobody waits for. */
export interface ForgetOptions {
  /** Told the error of each future that fails. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Runs calls to their ends though nobody holds their futures: `client.close()` waits for them, unless they are
 * cancelled. An error that nobody would see is a warning of the process.
 * @example
 * ```ts
 * const other = await connect({ processes: 1 });
 * fireAndForget(other.submit(() => console.log("written")));
 * await other.close(); // not before it is written
 * ```
 */
export function fireAndForget(
  futures: Future<unknown> | Iterable<Future<unknown>>,
  options?: ForgetOptions,
): void {
  const { onError = warn } = checkOptions("fireAndForget", options, ["onError"]);
  if (typeof onError !== "function") {
    throw badArgument("fireAndForget: onError", "a function", onError);
  }
  const list = futures instanceof Future ? [futures] : checkFutures("fireAndForget", futures);
  for (const future of list) {
    const { forgotten } = placeOf(future).batch.engine;
    const ended = runToEnd(future, onError).finally(() => forgotten.delete(ended));
    forgotten.add(ended);
  }
}

/** Holds the future until it has ended; never rejects. */
async function runToEnd(future: Future<unknown>, onError: (error: unknown) => void): Promise<void> {
  await future.ended();
  if (future.status !== "error") return;
  const error = await future.exception();
  queueMicrotask(() => onError(error));
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
