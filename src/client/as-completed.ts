import { present } from "../base/assert.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { checkFutures, Future } from "./future.ts";

/** Futures in the order in which they end. */
export interface Completions<T> extends AsyncIterableIterator<Future<T>> {
  /** Adds a future, also in the middle of the loop. */
  add(future: Future<T>): void;
  /** Futures that were not given out yet. */
  readonly remaining: number;
}

/**
 * Gives futures as they end, failed and cancelled ones too. More can be added in the middle of the loop.
 * @example
 * ```ts
 * const done = asCompleted(client.map((n: number) => n - 1, [3, 1]));
 * let calls = 0;
 * for await (const future of done) {
 *   calls++;
 *   const n = await future.result();
 *   if (n > 0) done.add(client.submit((m: number) => m - 1, n));
 * }
 * console.log(calls); // → 4
 * ```
 */
export function asCompleted<T>(futures: Iterable<Future<T>>): Completions<T> {
  /** By number of end. Given out, a future is not held here any more: its result may be let go of. */
  const ended = new Map<number, Future<T>>();
  let ends = 0;
  let next = 0;
  let remaining = 0;
  let waiting: (() => void)[] = [];
  const add = (future: Future<T>): void => {
    if (!(future instanceof Future)) throw badArgument("asCompleted.add", "a Future", future);
    remaining += 1;
    future.whenEnded(() => {
      ended.set(ends, future);
      ends += 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    });
  };
  for (const future of checkFutures("asCompleted", futures)) add(future);
  const completions: Completions<T> = {
    add,
    get remaining() {
      return remaining;
    },
    async next() {
      if (remaining === 0) return { done: true, value: undefined };
      remaining -= 1;
      const mine = next;
      next += 1;
      while (mine >= ends) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const value = present(ended.get(mine), "an ended future");
      ended.delete(mine);
      return { done: false, value };
    },
    return: async () => ({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => completions,
  };
  return completions;
}

/** Which futures have ended and which have not. */
export interface Waited<T> {
  readonly done: readonly Future<T>[];
  readonly pending: readonly Future<T>[];
}

/**
 * Waits until all futures have ended, or the first of them; failures count as ends.
 * @example
 * ```ts
 * const { done, pending } = await wait(client.map((n: number) => n, [1, 2]));
 * console.log(done.length, pending.length); // → 2 0
 * ```
 */
export async function wait<T>(
  futures: Iterable<Future<T>>,
  options?: { readonly until?: "all" | "first" },
): Promise<Waited<T>> {
  const list = checkFutures("wait", futures);
  const until = checkUntil(checkOptions("wait", options, ["until"]).until);
  const needed = until === "first" ? Math.min(1, list.length) : list.length;
  await new Promise<void>((resolve) => {
    let ended = 0;
    if (needed === 0) resolve();
    for (const future of list) {
      future.whenEnded(() => {
        ended += 1;
        if (ended === needed) resolve();
      });
    }
  });
  return {
    done: list.filter((future) => future.status !== "pending"),
    pending: list.filter((future) => future.status === "pending"),
  };
}

function checkUntil(until: unknown): "all" | "first" {
  if (until === undefined || until === "all") return "all";
  if (until === "first") return until;
  throw badArgument("wait: until", '"all" or "first"', until);
}
