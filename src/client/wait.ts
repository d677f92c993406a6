import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { checkFutures, type Future } from "./future.ts";

/** Which futures have ended and which have not. */
export interface Waited<T> {
  readonly done: readonly Future<T>[];
  readonly pending: readonly Future<T>[];
}

/** What `wait` waits for. */
export interface WaitOptions {
  /** `"all"` (the default), or `"first"`: until one has ended. */
  readonly until?: "all" | "first";
  /** Longest time to wait, in milliseconds: what has not ended by then is `pending`. */
  readonly timeoutMs?: number;
}

/**
 * Waits until all futures have ended, or the first of them, or for some time; failures count as ends.
 * @example
 * ```ts
 * const { done, pending } = await wait(client.map((n: number) => n, [1, 2]));
 * console.log(done.length, pending.length); // → 2 0
 * ```
 */
export async function wait<T>(
  futures: Iterable<Future<T>>,
  options?: WaitOptions,
): Promise<Waited<T>> {
  const list = checkFutures("wait", futures);
  const checked = checkOptions("wait", options, ["until", "timeoutMs"]);
  const until = checkUntil(checked.until);
  const timeoutMs = checkTimeout(checked.timeoutMs);
  await ended(list, until === "first" ? Math.min(1, list.length) : list.length, timeoutMs);
  return {
    done: list.filter((future) => future.status !== "pending"),
    pending: list.filter((future) => future.status === "pending"),
  };
}

/** Resolves when `needed` of the futures have ended, or the time is over. */
async function ended(
  futures: readonly Future<unknown>[],
  needed: number,
  timeoutMs: number | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let count = 0;
    if (needed === 0) resolve();
    if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
    for (const future of futures) {
      future.whenEnded(() => {
        count += 1;
        if (count === needed) resolve();
      });
    }
  });
  clearTimeout(timer);
}

function checkUntil(until: unknown): "all" | "first" {
  if (until === undefined || until === "all") return "all";
  if (until === "first") return until;
  throw badArgument("wait: until", '"all" or "first"', until);
}

/** The longest delay of a timer. */
const timerMsMax = 2 ** 31 - 1;

function checkTimeout(timeoutMs: unknown): number | undefined {
  if (timeoutMs === undefined) return undefined;
  const isTime = typeof timeoutMs === "number" && timeoutMs >= 0 && timeoutMs <= timerMsMax;
  if (isTime) return timeoutMs;
  throw badArgument("wait: timeoutMs", `milliseconds from 0 to ${timerMsMax}`, timeoutMs);
}
