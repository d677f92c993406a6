import { LambdaskError } from "../base/errors.ts";
import { parseScaleTarget, type ScaleTarget } from "../local/scale-target.ts";
import { callSite } from "./call-site.ts";
import { type ClientInfo, clientInfo } from "./client-info.ts";
import type { Lazy } from "./collection.ts";
import { computeFutures } from "./compute-futures.ts";
import type { Lock } from "./coordination/lock.ts";
import type { Variable } from "./coordination/variable.ts";
import { closeEngine, type Engine, restartEngine } from "./engine.ts";
import { checkFutures, type Future } from "./future.ts";
import { type Gathered, type GatheredSome, type GatherOptions, gatherNested } from "./gather.ts";
import type { Computed, LazyInput, LazyInputs } from "./lazy-types.ts";
import { mapCalls } from "./map-calls.ts";
import type { BroadcastOptions, MapOptions } from "./map-options.ts";
import { enter } from "./open-clients.ts";
import {
  type PublishOptions,
  publishCollection,
  publishedCollection,
  publishedNames,
  unpublishCollection,
} from "./published.ts";
import { retryFutures } from "./retry-futures.ts";
import { type Scattered, type ScatterOptions, scatterValue, scatterValues } from "./scatter.ts";
import { submitCall } from "./submit.ts";
import { SubmittedCalls } from "./submitted-calls.ts";
import type { Subscription, TopicEvent } from "./topics.ts";
import type { ValueOf } from "./value-of.ts";

const clientKey = Symbol.for("lambdask.client");

declare module "../config/connected-client.ts" {
  interface ConnectedClient extends Client {}
}

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
  readonly #submitted: SubmittedCalls;
  readonly #leave: () => void;
  #closing: Promise<void> | undefined;

  /** For this library: use `connect`. */
  constructor(engine: Engine) {
    this.#engine = engine;
    this.#submitted = new SubmittedCalls(engine);
    this.#leave = enter(engine, this);
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
    this.#running("submit");
    return submitCall(this.#submitted, { call, values, site });
  }

  /**
   * Begins `call(item, index)` for every item; one future each. With two or three lists of equal length:
   * `call(item, other, index)`. What `broadcast` holds is the last argument of every call; it may be a future.
   * @example
   * ```ts
   * const futures = client.map((text: string, index) => `${index} ${text}`, ["a", "b"], { retries: 1 });
   * console.log(await client.gather(futures)); // → [ '0 a', '1 b' ]
   * const sums = client.map((x: number, y: number) => x + y, [1, 2], [10, 20], { name: "sum" });
   * console.log(await client.gather(sums)); // → [ 11, 22 ]
   * const table = client.scatter([7, 8, 9]);
   * const found = client.map((at: number, _, rows: number[]) => rows[at], [2, 0], { broadcast: table });
   * console.log(await client.gather(found)); // → [ 9, 7 ]
   * ```
   */
  map<T, R>(
    call: (item: T, index: number) => R,
    items: Iterable<LazyInput<T>>,
    options?: MapOptions,
  ): Future<Computed<Awaited<R>>>[];
  map<T, U, R>(
    call: (item: T, other: U, index: number) => R,
    items: Iterable<LazyInput<T>>,
    others: Iterable<LazyInput<U>>,
    options?: MapOptions,
  ): Future<Computed<Awaited<R>>>[];
  map<T, U, V, R>(
    call: (item: T, second: U, third: V, index: number) => R,
    items: Iterable<LazyInput<T>>,
    ...others: [Iterable<LazyInput<U>>, Iterable<LazyInput<V>>, options?: MapOptions]
  ): Future<Computed<Awaited<R>>>[];
  map<T, B, R>(
    call: (item: T, index: number, broadcast: B) => R,
    items: Iterable<LazyInput<T>>,
    options: BroadcastOptions<B>,
  ): Future<Computed<Awaited<R>>>[];
  map<T, U, B, R>(
    call: (item: T, other: U, index: number, broadcast: B) => R,
    items: Iterable<LazyInput<T>>,
    others: Iterable<LazyInput<U>>,
    options: BroadcastOptions<B>,
  ): Future<Computed<Awaited<R>>>[];
  map(call: unknown, ...values: readonly unknown[]): Future<never>[] {
    const site = callSite(this.map);
    return mapCalls(this.#running("map"), { call, values, site });
  }

  /**
   * Begins the work of collections now, what they share once: a future of each value, in order. The value of a bag is
   * one list of its records, put together by one task. On Lambda, what reads files of this machine is computed instead.
   * @example
   * ```ts
   * const double = delayed((n: number) => 2 * n);
   * const [four, total] = client.compute(double(2), fromSequence([1, 2, 3]).sum());
   * console.log(await client.submit((a: number, b: number) => a + b, four, total).result()); // → 10
   * ```
   */
  compute<T extends readonly Lazy[]>(...lazies: T): { [K in keyof T]: Future<ValueOf<T[K]>> } {
    const site = callSite(this.compute);
    const futures: unknown = computeFutures(this.#running("compute"), { lazies, site });
    return futures as { [K in keyof T]: Future<ValueOf<T[K]>> }; // One of each value, in order.
  }

  /**
   * The results of all futures, in containers like those given: a future, or lists, records, Maps and Sets of futures at
   * any depth, with plain data beside them; what holds no future stays the same object. Rejects with the first error in
   * order; with `errors: "skip"`, what has no value is left out.
   * @example
   * ```ts
   * const [one, two] = client.map((n: number) => n + 1, [1, 2]);
   * console.log(await client.gather([one, two])); // → [ 2, 3 ]
   * console.log(await client.gather({ first: one, rest: [two] })); // → { first: 2, rest: [ 3 ] }
   * const odd = client.map((n: number) => {
   *   if (n % 2 === 0) throw new Error(`even: ${n}`);
   *   return n;
   * }, [1, 2, 3]);
   * console.log(await client.gather(odd, { errors: "skip" })); // → [ 1, 3 ]
   * ```
   */
  gather<T extends object>(
    futures: T,
    options: GatherOptions & { readonly errors: "skip" },
  ): Promise<GatheredSome<T>>;
  gather<T extends object>(futures: T, options?: GatherOptions): Promise<Gathered<T>>;
  gather(futures: unknown, options?: GatherOptions): Promise<unknown> {
    this.#running("gather");
    return gatherNested(futures, options);
  }

  /**
   * Puts data where workers read it, and gives a future of it: pass that to many calls in place of the data. Above
   * 32 KiB it is in the store when the future has ended; equal data is stored once. With `broadcast`, each worker on
   * Lambda fetches it once and keeps it on its disk, however many calls take it.
   * @example
   * ```ts
   * const table = client.scatter([10, 20, 30], { broadcast: true });
   * console.log(await client.submit((rows: number[], at: number) => rows[at], table, 1).result()); // → 20
   * ```
   */
  scatter<T>(value: T, options?: ScatterOptions): Future<Computed<T>>;
  scatter<T>(...values: readonly unknown[]): Future<T> {
    const site = callSite(this.scatter);
    return scatterValue(this.#running("scatter"), { values, site });
  }

  /**
   * Scatters each value: gives a list of futures for a list, a record for a record, a Map for a Map. Options are of all.
   * @example
   * ```ts
   * const { small, large } = client.scatterAll({ small: [1], large: [2, 3] });
   * console.log(await client.gather([small, large])); // → [ [ 1 ], [ 2, 3 ] ]
   * ```
   */
  scatterAll<T extends object>(values: T, options?: ScatterOptions): Scattered<T> {
    const site = callSite(this.scatterAll);
    // Each future is of the value in its place.
    return scatterValues(this.#running("scatterAll"), { values, options, site }) as Scattered<T>;
  }

  /**
   * Runs calls again that failed or were cancelled, and calls before them that they take and that ended so; the others
   * stay as they are.
   * @example
   * ```ts
   * const futures = client.map((n: number) => n * 2, [1, 2]);
   * client.cancel(futures);
   * await wait(futures);
   * client.retry(futures);
   * console.log(await client.gather(futures)); // → [ 2, 4 ]
   * ```
   */
  retry(futures: Iterable<Future<unknown>>): void {
    this.#running("retry");
    retryFutures(futures);
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
    for (const future of checkFutures("client.cancel", futures)) future.cancel();
  }

  /**
   * Computes a collection as far as it is not computed, and has its chunks kept under a name, for other programs on the
   * same store, until it is unpublished; of a future its value. Throws ALREADY_PUBLISHED if the name is taken, unless `replace` says otherwise.
   * @example
   * ```ts
   * await client.publish("squares", fromSequence([1, 2, 3]).map((n) => n * n));
   * const squares = await client.published<Bag<number>>("squares");
   * console.log(await squares.compute()); // → [ 1, 4, 9 ]
   * await client.unpublish("squares");
   * ```
   */
  publish(name: string, collection: Lazy, options?: PublishOptions): Promise<void> {
    const site = callSite(this.publish);
    return publishCollection(this.#running("publish"), { name, collection, options, site });
  }

  /**
   * The collection that is published under a name: a bag, an item or a delayed value, as its publisher had it. Throws
   * NOT_PUBLISHED if there is none.
   * @example
   * ```ts
   * await client.publish("answer", delayed((n: number) => n * 2)(21));
   * const answer = await client.published<Delayed<number>>("answer");
   * console.log(await answer.compute()); // → 42
   * await client.unpublish("answer");
   * ```
   */
  published<T extends Lazy>(name: string): Promise<T> {
    // Which kind of collection it is, only the user knows before it is there.
    return publishedCollection(this.#running("published"), name) as Promise<T>;
  }

  /**
   * The names that collections are published under in this store, in order.
   * @example
   * ```ts
   * await client.publish("totals", fromSequence([1, 2]).sum());
   * console.log(await client.publishedNames()); // → [ 'totals' ]
   * await client.unpublish("totals");
   * ```
   */
  publishedNames(): Promise<string[]> {
    return publishedNames(this.#running("publishedNames"));
  }

  /**
   * Takes a published name back. Its chunks go when no run reads them and nobody else keeps them. Throws NOT_PUBLISHED
   * if there is nothing of the name.
   * @example
   * ```ts
   * await client.publish("old", fromSequence([1, 2]));
   * await client.unpublish("old");
   * ```
   */
  unpublish(name: string): Promise<void> {
    return unpublishCollection(this.#running("unpublish"), name);
  }

  /**
   * Logs an event for those who listen to `topic`. In tasks, call the imported `logEvent`.
   * @example
   * ```ts
   * client.logEvent("steps", "loaded");
   * console.log(client.events("steps").map(({ data }) => data)); // → [ 'loaded' ]
   * ```
   */
  logEvent(topic: string, data: unknown): void {
    this.#running("logEvent").topics.log(topic, data);
  }

  /**
   * The last 10,000 events of `topic`, the oldest first: what the program and its tasks have logged.
   * @example
   * ```ts
   * await client.gather(client.map((n: number) => logEvent("seen", n), [1, 2]));
   * console.log(client.events("seen").map(({ data }) => data).sort()); // → [ 1, 2 ]
   * ```
   */
  events(topic: string): readonly TopicEvent[] {
    return this.#running("events").topics.events(topic);
  }

  /**
   * Calls `handler` for each event of `topic` from now on; without one, loop over what it gives. Events of a task come
   * with the answer that brings its result, by no clock but that.
   * @example
   * ```ts
   * using steps = client.subscribe("steps", ({ data }) => console.log(data));
   * client.logEvent("steps", "saved");
   * await Promise.resolve(); // → saved
   * steps.unsubscribe();
   * ```
   */
  subscribe(topic: string, handler?: (event: TopicEvent) => void): Subscription {
    return this.#running("subscribe").topics.subscribe(topic, handler);
  }

  /**
   * A lock by name: one program at a time holds it, of all that share the store. For programs, not for tasks: one that
   * waits on Lambda is paid for.
   * @example
   * ```ts
   * await using lease = await client.lock("nightly").acquire();
   * console.log(lease.token > 0); // → true
   * ```
   */
  lock(name: string): Lock {
    return this.#running("lock").coordination.lock("client.lock", name, 1);
  }

  /**
   * A lock that so many programs may hold at a time.
   * @example
   * ```ts
   * const readers = client.semaphore("database", 2);
   * await using first = await readers.acquire();
   * await using second = await readers.acquire();
   * console.log(await readers.holders(), first.token !== second.token); // → 2 true
   * ```
   */
  semaphore(name: string, leases: number): Lock {
    return this.#running("semaphore").coordination.lock("client.semaphore", name, leases);
  }

  /**
   * A small value by name, which all programs that share the store can read and change.
   * @example
   * ```ts
   * const last = client.variable<number>("last run");
   * console.log(await last.update((n = 0) => n + 1)); // → 1
   * ```
   */
  variable<T>(name: string): Variable<T> {
    return this.#running("variable").coordination.variable<T>(name);
  }

  /**
   * What it works with, at this moment: backend, versions, workers, limits, and what runs.
   * @example
   * ```ts
   * const { backend, workers, activeRuns } = client.info();
   * console.log(backend, workers.slots > 0, activeRuns); // → local true 0
   * ```
   */
  info(): ClientInfo {
    return clientInfo(this.#running("info"));
  }

  /**
   * Cancels all work of this client and ends its workers, in the middle of what they run, tasks that listen to their
   * signal after up to two seconds; new ones start with the next call. Results that are there stay. Lambda's environments cannot be ended: there it only cancels.
   * @example
   * ```ts
   * await client.restart();
   * console.log(await client.submit(() => "again").result()); // → again
   * ```
   */
  restart(): Promise<void> {
    return restartEngine(this.#running("restart"));
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
   * Cancels what is left but for what `fireAndForget` was given, ends the workers and lets go of all futures. Again is no error.
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
