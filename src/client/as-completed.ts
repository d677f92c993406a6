import { present } from "../base/assert.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import { checkFutures, Future } from "./future.ts";

/** A future that has ended, with its value or its error. */
export type Completed<T> =
  | { readonly status: "finished"; readonly future: Future<T>; readonly value: T }
  | { readonly status: "error" | "cancelled"; readonly future: Future<T>; readonly error: unknown };

/** Futures in the order in which they end, or what `Item` says of each. */
export interface Completions<T, Item = Future<T>> extends AsyncIterableIterator<Item> {
  /** Adds a future, also in the middle of the loop. */
  add(future: Future<T>): void;
  /** Adds many. */
  addAll(futures: Iterable<Future<T>>): void;
  /** Futures that were not given out yet. */
  readonly remaining: number;
  /** True if there is none left. */
  readonly isEmpty: boolean;
  /** True if one has ended and waits to be taken: then `next` does not wait. */
  readonly hasReady: boolean;
  /** Forgets the futures that were not given out; they themselves go on. Loops over it end. */
  clear(): void;
  /** Lists of all that have ended since the last, at least one in each. */
  batches(): AsyncIterableIterator<readonly Item[]>;
}

/** How `asCompleted` gives futures. */
export interface CompletionOptions {
  /** Gives `{ status, future, value }` for each, or `{ status, future, error }`. */
  readonly withResults?: boolean;
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
 * @example
 * ```ts
 * const roots = client.map((n: number) => Math.sqrt(n), [4, 9]);
 * for await (const each of asCompleted(roots, { withResults: true })) {
 *   if (each.status === "finished") console.log(roots.includes(each.future), each.value > 1);
 * }
 * // → true true
 * // → true true
 * ```
 */
export function asCompleted<T>(
  futures: Iterable<Future<T>>,
  options: CompletionOptions & { readonly withResults: true },
): Completions<T, Completed<T>>;
export function asCompleted<T>(
  futures: Iterable<Future<T>>,
  options?: CompletionOptions & { readonly withResults?: false },
): Completions<T>;
export function asCompleted<T>(
  futures: Iterable<Future<T>>,
  options?: CompletionOptions,
): Completions<T, Future<T> | Completed<T>> {
  const { withResults = false } = checkOptions("asCompleted", options, ["withResults"]);
  if (typeof withResults !== "boolean") {
    throw badArgument("asCompleted: withResults", "true or false", withResults);
  }
  const ends = new Ends<T>();
  for (const future of checkFutures("asCompleted", futures)) ends.add(future);
  return withResults ? completions(ends, completed) : completions(ends, itself);
}

/** Futures in the order of their ends. */
class Ends<T> {
  /** Given out, a future is not held here any more: its result may be let go of. */
  readonly #ended = new Queue<Future<T>>();
  /** Futures added since the last `clear` that were not given out or promised to an asker. */
  remaining = 0;
  /** Those who wait for one, in order of asking; they get none if all is cleared. */
  readonly #waiting = new Queue<(future: Future<T> | undefined) => void>();
  /** Ends of what was added before a `clear` do not count. */
  #era = 0;

  get ready(): number {
    return this.#ended.length;
  }

  add(future: Future<T>): void {
    if (!(future instanceof Future)) throw badArgument("asCompleted.add", "a Future", future);
    this.remaining += 1;
    const era = this.#era;
    future.whenEnded(() => {
      if (era === this.#era) this.#end(future);
    });
  }

  /** The next that has ended; nothing if none is left. */
  take(): Future<T> | undefined | Promise<Future<T> | undefined> {
    if (this.remaining === 0) return undefined;
    this.remaining -= 1;
    return this.#ended.take() ?? new Promise((resolve) => this.#waiting.add(resolve));
  }

  clear(): void {
    this.#era += 1;
    this.remaining = 0;
    this.#ended.takeAll();
    for (const wake of this.#waiting.takeAll()) wake(undefined);
  }

  #end(future: Future<T>): void {
    const wake = this.#waiting.take();
    if (wake) wake(future);
    else this.#ended.add(future);
  }
}

function completions<T, Item>(
  ends: Ends<T>,
  itemOf: (future: Future<T>) => Item | Promise<Item>,
): Completions<T, Item> {
  const next = async (): Promise<IteratorResult<Item, undefined>> => {
    const future = await ends.take();
    if (future === undefined) return { done: true, value: undefined };
    return { done: false, value: await itemOf(future) };
  };
  const nextBatch = async (): Promise<IteratorResult<readonly Item[], undefined>> => {
    const first = await ends.take();
    if (first === undefined) return { done: true, value: undefined };
    const futures = [first];
    while (ends.ready > 0) futures.push(present(await ends.take(), "an ended future"));
    return { done: false, value: await Promise.all(futures.map(itemOf)) };
  };
  return {
    add: (future) => ends.add(future),
    addAll: (futures) => {
      for (const future of checkFutures("asCompleted.addAll", futures)) ends.add(future);
    },
    get remaining() {
      return ends.remaining;
    },
    get isEmpty() {
      return ends.remaining === 0;
    },
    get hasReady() {
      return ends.ready > 0;
    },
    clear: () => ends.clear(),
    batches: () => iterator(nextBatch),
    ...iterator(next),
  };
}

function iterator<Item>(
  next: () => Promise<IteratorResult<Item, undefined>>,
): AsyncIterableIterator<Item> {
  const iterable: AsyncIterableIterator<Item> = {
    next,
    return: async () => ({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => iterable,
  };
  return iterable;
}

function itself<T>(future: Future<T>): Future<T> {
  return future;
}

async function completed<T>(future: Future<T>): Promise<Completed<T>> {
  try {
    return { status: "finished", future, value: await future.result() };
  } catch (error) {
    return { status: future.cancelled ? "cancelled" : "error", future, error };
  }
}
