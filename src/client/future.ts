import { present } from "../base/assert.ts";
import { badArgument } from "../base/errors.ts";
import { type LazyFamily, type LazyWork, lazyKey } from "./collection.ts";
import type { FutureBatch } from "./future-batch.ts";
import { LazyBase } from "./lazy-base.ts";

/** What has become of a future. */
export type FutureStatus = "pending" | "finished" | "error" | "cancelled";

interface FutureSource {
  readonly batch: FutureBatch;
  readonly position: number;
  /** Held by all futures of a batch: while one of them can be reached, the batch's results are kept. */
  readonly token: object;
}

const futureFamily: LazyFamily = {
  hasBegun: true,
  works: (sources) => sources.map(workOf),
  kept: (_source, work) => work,
};

function workOf(source: unknown): LazyWork {
  const { batch, position } = source as FutureSource; // Only futures give sources to this family.
  return batch.work(position);
}

/** Releases the results of batches none of whose futures can be reached any more. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

/**
 * A call that has begun. It is no promise, so `await future` does not wait: use `result()`. It may be an argument of
 * other calls, which then wait for it and read its result where it is.
 * @example
 * ```ts
 * const first = client.submit((n: number) => n + 1, 1);
 * const second = client.submit((n: number) => n * 10, first);
 * console.log(await second.result()); // → 20
 * ```
 */
export class Future<T> extends LazyBase<T> {
  readonly #batch: FutureBatch;
  readonly #position: number;
  #released = false;

  /** For this library: use `client.submit` or `client.map`. */
  constructor(batch: FutureBatch, position: number, token: object) {
    super({
      family: futureFamily,
      source: { batch, position, token },
      describe: () => `Future <${this.status}>`,
    });
    this.#batch = batch;
    this.#position = position;
  }

  /**
   * What has become of it so far.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * await future.result();
   * console.log(future.status); // → finished
   * ```
   */
  get status(): FutureStatus {
    const end = this.#batch.end(this.#position);
    switch (end?.kind) {
      case undefined:
        return "pending";
      case "done":
        return "finished";
      case "failed":
      case "refused":
        return "error";
      case "cancelled":
        return "cancelled";
      default:
        return "pending";
    }
  }

  /**
   * The name of its result: equal for equal calls of one client, unless they are impure.
   * @example
   * ```ts
   * const [one, two] = [client.scatter([1, 2]), client.scatter([1, 2])];
   * console.log(one.key === two.key); // → true
   * ```
   */
  get key(): string {
    return this.#batch.key(this.#position);
  }

  /**
   * True once it has ended, however that was.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * await future.result();
   * console.log(future.done); // → true
   * ```
   */
  get done(): boolean {
    return this.status !== "pending";
  }

  /**
   * True once it was cancelled before it had a value.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * await future.result();
   * future.cancel(); // too late
   * console.log(future.cancelled); // → false
   * ```
   */
  get cancelled(): boolean {
    return this.status === "cancelled";
  }

  /**
   * The value, when it is there; rejects if the call failed or was cancelled.
   * @example
   * ```ts
   * console.log(await client.submit((n: number) => n + 1, 1).result()); // → 2
   * ```
   */
  result(): Promise<T> {
    const ready = this.#batch.valueAtHand(this.#position);
    // The call computes a T.
    if (ready) return Promise.resolve(ready.value as T);
    return this.#read() as Promise<T>;
  }

  async #read(): Promise<unknown> {
    await this.ended();
    // Whoever was told of the end earlier may have retried it.
    while (!this.done) await this.ended();
    return this.#batch.read(this.#position);
  }

  /**
   * The value, if it is small and here already.
   * @example
   * ```ts
   * const future = client.submit(() => "small");
   * await future.result();
   * console.log(future.valueAtHand()); // → { value: 'small' }
   * ```
   */
  valueAtHand(): { readonly value: T } | undefined {
    return this.#batch.valueAtHand(this.#position) as { readonly value: T } | undefined; // As above.
  }

  /**
   * The error that `result` would reject with, when that is known; `undefined` if there is none.
   * @example
   * ```ts
   * const future = client.submit((text: string) => JSON.parse(text) as number, "{");
   * console.log(isLambdaskError(await future.exception(), "TASK_FAILED")); // → true
   * ```
   */
  async exception(): Promise<unknown> {
    await this.ended();
    while (!this.done) await this.ended();
    return this.#batch.error(this.#position);
  }

  /**
   * The stack of the error that the call threw on its worker, in places of your files; `undefined` if there is none.
   * @example
   * ```ts
   * const future = client.submit(function parse(text: string) {
   *   return JSON.parse(text) as number;
   * }, "{");
   * console.log((await future.traceback())?.includes("at parse")); // → true
   * ```
   */
  async traceback(): Promise<string | undefined> {
    const error = await this.exception();
    if (!(error instanceof Error)) return undefined;
    const thrown = error.cause instanceof Error ? error.cause : error;
    return thrown.stack ?? String(thrown);
  }

  /**
   * Runs the call again if it failed or was cancelled, and calls before it that it takes and that ended so; else does
   * nothing. Futures that failed because of it keep their errors until they are retried too.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * future.cancel();
   * await future.ended();
   * future.retry();
   * console.log(await future.result()); // → 1
   * ```
   */
  retry(): void {
    this.#batch.retry([this.#position]);
  }

  /**
   * Does not run the call, if it has not begun; what runs, finishes, and so does what calls wait for that were submitted
   * before. The future has ended at once, and calls that take it from now on are cancelled too.
   * @example
   * ```ts
   * const future = client.submit((text: string) => text.length, "not wanted");
   * future.cancel();
   * console.log(future.status); // → cancelled
   * ```
   */
  cancel(): void {
    this.#batch.cancel(this.#position);
  }

  /**
   * Lets the store drop the result, once nothing else needs it.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * console.log(await future.result()); // → 1
   * future.release();
   * ```
   */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#batch.release(this.#position);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * Calls `listener` once, as soon as it has ended. What it throws nobody catches: it ends the program.
   * @example
   * ```ts
   * const future = client.submit(() => 1);
   * future.whenEnded(() => console.log(future.status));
   * await future.ended(); // → finished
   * ```
   */
  whenEnded(listener: () => void): void {
    if (typeof listener !== "function") {
      throw badArgument("future.whenEnded", "a function", listener);
    }
    this.#batch.whenEnded(this.#position, listener);
  }

  /**
   * Resolves when it has ended, however that was.
   * @example
   * ```ts
   * const future = client.submit(() => {
   *   throw new Error("no");
   * });
   * await future.ended();
   * console.log(future.status); // → error
   * ```
   */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#batch.whenEnded(this.#position, resolve));
  }
}

/** Where a future's result is, for those who do the same with many futures at once. */
export function placeOf(future: Future<unknown>): {
  readonly batch: FutureBatch;
  readonly position: number;
} {
  return future[lazyKey].source as FutureSource; // Futures are made with such a source.
}

/** The future of a batch of one. */
export function onlyFuture<T>(batch: FutureBatch): Future<T> {
  return present(futuresOfBatch<T>(batch)[0], "the future of a batch of one");
}

/** One future of a batch that others may join: each is let go of by itself when it is garbage. */
export function futureOf<T>(batch: FutureBatch, position: number): Future<T> {
  const token = {};
  forgotten.register(token, () => batch.forget(position));
  return new Future<T>(batch, position, token);
}

/** The futures of a batch. */
export function futuresOfBatch<T>(batch: FutureBatch): Future<T>[] {
  const { count } = batch;
  const token = {};
  const futures: Future<T>[] = [];
  for (let position = 0; position < count; position++) {
    futures.push(new Future<T>(batch, position, token));
  }
  forgotten.register(token, () => {
    for (let position = 0; position < count; position++) batch.release(position);
  });
  return futures;
}

/** The futures in `values`; a BAD_ARGUMENT error that names `where` if something else is among them. */
export function checkFutures<T>(where: string, values: Iterable<Future<T>>): readonly Future<T>[] {
  const given: unknown = values;
  const iterable = typeof given === "object" && given !== null && Symbol.iterator in given;
  if (!iterable) throw badArgument(where, "a list of futures", values);
  const futures = [...values];
  for (const [i, future] of futures.entries()) {
    if (!(future instanceof Future)) throw badArgument(`${where}: item ${i}`, "a Future", future);
  }
  return futures;
}
