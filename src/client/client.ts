import { LambdaskError } from "../base/errors.ts";
import { parseScaleTarget, type ScaleTarget } from "../local/scale-target.ts";
import { callSite } from "./call-site.ts";
import { enter } from "./current.ts";
import { closeEngine, type Engine } from "./engine.ts";
import { checkFutures, type Future } from "./future.ts";
import type { Computed, LazyInput, LazyInputs } from "./lazy-types.ts";
import type { MapOptions } from "./map-options.ts";
import { gatherResults, mapCalls, scatterValue, submitCall } from "./submit.ts";

const clientKey = Symbol.for("lambdask.client");

/**
 * A connection to workers. While it is open, everything is computed on it; closing it ends its workers.
 * @example
 * ```ts
 * await using client = await connect({ processes: 2 });
 * const futures = client.map((n: number) => n ** 2, [1, 2, 3]);
 * console.log(await client.gather(futures)); // → [ 1, 4, 9 ]
 * ```
 */
export class Client {
  readonly #engine: Engine;
  readonly #leave: () => void;
  #closing: Promise<void> | undefined;

  /** For this library: use `connect`. */
  constructor(engine: Engine) {
    this.#engine = engine;
    this.#leave = enter(engine);
    // What tells functions that capture it that it cannot be sent.
    Object.defineProperty(this, clientKey, { value: true });
  }

  /**
   * Begins `call(...values)` on a worker now. Values may be futures and lazies, also inside lists and records. For
   * retries, priority and memory put the call into `annotate`.
   * @example
   * ```ts
   * const future = client.submit((a: number, b: number) => a + b, 1, 2);
   * console.log(await future.result()); // → 3
   * ```
   */
  submit<A extends readonly unknown[], R>(
    call: (...values: A) => R,
    ...values: LazyInputs<A>
  ): Future<Computed<Awaited<R>>> {
    const site = callSite(this.submit);
    return submitCall(this.#running("submit"), { call, values, site });
  }

  /**
   * Begins `call(item, index)` for every item; one future each.
   * @example
   * ```ts
   * const futures = client.map((text: string, index) => `${index} ${text}`, ["a", "b"], { retries: 1 });
   * console.log(await client.gather(futures)); // → [ '0 a', '1 b' ]
   * ```
   */
  map<T, R>(
    call: (item: T, index: number) => R,
    items: Iterable<LazyInput<T>>,
    options?: MapOptions,
  ): Future<Computed<Awaited<R>>>[] {
    const site = callSite(this.map);
    return mapCalls(this.#running("map"), { call, items, options, site });
  }

  /**
   * The results of all futures, in order; rejects with the first error.
   * @example
   * ```ts
   * console.log(await client.gather(client.map((n: number) => n + 1, [1, 2]))); // → [ 2, 3 ]
   * ```
   */
  gather<T>(futures: Iterable<Future<T>>): Promise<T[]> {
    this.#running("gather");
    return gatherResults(checkFutures("gather", futures));
  }

  /**
   * Puts data where workers read it, and gives a future of it: pass that to many calls in place of the data.
   * @example
   * ```ts
   * const table = client.scatter([10, 20, 30]);
   * console.log(await client.submit((rows: number[], at: number) => rows[at], table, 1).result()); // → 20
   * ```
   */
  scatter<T>(value: T): Future<T> {
    const site = callSite(this.scatter);
    return scatterValue(this.#running("scatter"), { value, site });
  }

  /**
   * Does not run calls that have not begun.
   * @example
   * ```ts
   * const futures = client.map((n: number) => n, [1, 2, 3]);
   * client.cancel(futures);
   * ```
   */
  cancel(futures: Iterable<Future<unknown>>): void {
    for (const future of checkFutures("cancel", futures)) future.cancel();
  }

  /**
   * Sets the number of worker processes, also in the middle of a run; nothing is recomputed for it.
   * @example
   * ```ts
   * client.scale(1);
   * client.scale({ min: 1, max: 2 });
   * ```
   */
  scale(target: ScaleTarget): void {
    const engine = this.#running("scale");
    engine.driver.scale(parseScaleTarget(target, "client.scale"));
  }

  /**
   * Cancels what is left, ends the workers and lets go of all futures. Again is no error.
   * @example
   * ```ts
   * const other = await connect({ processes: 1 });
   * await other.close();
   * ```
   */
  close(): Promise<void> {
    this.#leave();
    this.#closing ??= closeEngine(this.#engine);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #running(what: string): Engine {
    if (this.#closing === undefined) return this.#engine;
    throw new LambdaskError("CLOSED", {
      message: `client.${what}: the client is closed`,
      fix: "connect again, or close it later",
    });
  }
}
