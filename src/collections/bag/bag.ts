import { wholeNumber } from "../../base/check-options.ts";
import type { KeptHandle } from "../../client/collection.ts";
import type { Computed } from "../../client/lazy-types.ts";
import type { Expr } from "../../plan/expr.ts";
import { accumulate } from "./accumulate.ts";
import { bagFamily, bagOrNothing, exprOf } from "./bag-core.ts";
import { BagOutputs } from "./bag-outputs.ts";
import { besides } from "./beside.ts";
import { concat } from "./concat.ts";
import { type DistinctOptions, distinct } from "./distinct.ts";
import { filter } from "./filter.ts";
import { flatten } from "./flatten.ts";
import { foldBy } from "./fold-by.ts";
import type { FoldFromOptions, FoldOptions } from "./fold-options.ts";
import { frequencies } from "./frequencies.ts";
import { type GroupByOptions, groupBy } from "./group-by.ts";
import { type JoinOptions, join, otherSide } from "./join.ts";
import { map } from "./map.ts";
import { compact, type PluckOptions, pluck } from "./pluck.ts";
import { product } from "./product.ts";
import { choices, randomSample, type SampleOptions, sample } from "./random-sample.ts";
import type { MadeRecords, PartitionRecords, ValueAt, With } from "./record-types.ts";
import { remove } from "./remove.ts";
import { type RepartitionOptions, repartition } from "./repartition.ts";
import { starmap } from "./starmap.ts";
import { type Rankable, type TopkOptions, topk } from "./topk.ts";
import { unzip, unzippedMax } from "./unzip.ts";
import { mapPartitions, mapWith, zip } from "./zip.ts";

/**
 * A lazy list of records of any kind, in partitions. Every method that gives a bag only notes what is to be done; `compute`,
 * `persist`, `take` and `writeText` start the work. Functions may be async; they travel to workers with what they use.
 * @example
 * ```ts
 * const top = await readText("words/*.txt")
 *   .map((line) => line.split(" "))
 *   .flatten()
 *   .frequencies()
 *   .topk(2)
 *   .compute();
 * console.log(top); // → [ [ 'to', 3 ], [ 'be', 2 ] ]
 * ```
 */
export class Bag<T> extends BagOutputs<T> {
  /** For this library: use `fromSequence` or `readText`. */
  constructor(expr: Expr, kept?: KeptHandle) {
    super(expr, { family, kept });
  }

  /**
   * The bag of `call`'s result for every record. What else is given goes beside the record: of another bag the record
   * at the same place, anything else (also lazies and futures) for every record the same.
   * @example
   * ```ts
   * const lengths = fromSequence(["a", "bb"]).map((text) => text.length);
   * console.log(await lengths.compute()); // → [ 1, 2 ]
   * const shares = lengths.map((length, total) => length / total, delayed(() => 3)());
   * console.log(await shares.compute()); // → [ 0.3333333333333333, 0.6666666666666666 ]
   * ```
   */
  map<U, const O extends readonly unknown[]>(
    call: (record: T, ...others: BesideValues<O>) => U,
    ...others: O
  ): Bag<Awaited<U>> {
    if (others.length === 0)
      return new Bag(map(this.expr, call as (...values: never[]) => unknown));
    return new Bag(mapWith(this.expr, call, besides(others, "bag.map")));
  }

  /**
   * The bag of `call`'s result for every record, whose items are the arguments.
   * @example
   * ```ts
   * const sums = fromSequence<[number, number]>([[1, 2], [3, 4]]).starmap((a, b) => a + b);
   * console.log(await sums.compute()); // → [ 3, 7 ]
   * ```
   */
  starmap<U>(this: Bag<readonly unknown[]>, call: (...items: ItemsOf<T>) => U): Bag<Awaited<U>> {
    return new Bag(starmap(this.expr, call));
  }

  /**
   * The bag of the records that `call` makes of each partition, a list or anything that can be iterated over. Of other
   * bags that are given it gets the partition at the same place, of anything else the value.
   * @example
   * ```ts
   * const firsts = fromSequence([3, 1, 2], { partitions: 1 }).mapPartitions(async function* (records) {
   *   let sum = 0;
   *   for await (const n of records) yield (sum += n);
   * });
   * console.log(await firsts.compute()); // → [ 3, 4, 6 ]
   * ```
   */
  mapPartitions<U, const O extends readonly unknown[]>(
    call: (records: PartitionRecords<T>, ...others: BesidePartitions<O>) => MadeRecords<U>,
    ...others: O
  ): Bag<U> {
    return new Bag(mapPartitions(this.expr, call, besides(others, "bag.mapPartitions")));
  }

  /**
   * The bag of the records for which `call` answers something truthy.
   * @example
   * ```ts
   * const present = fromSequence(["a", null, "b"]).filter((text) => text !== null);
   * console.log(await present.compute()); // → [ 'a', 'b' ]
   * ```
   */
  filter<S extends T>(call: (record: T) => record is S): Bag<S>;
  filter(call: (record: T) => unknown): Bag<T>;
  filter(call: (record: T) => unknown): Bag<T> {
    return new Bag(filter(this.expr, call));
  }

  /**
   * The bag of the records for which `call` answers something falsy.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).remove((n) => n === 2).compute()); // → [ 1, 3 ]
   * ```
   */
  remove<S extends T>(call: (record: T) => record is S): Bag<Exclude<T, S>>;
  remove(call: (record: T) => unknown): Bag<T>;
  remove(call: (record: T) => unknown): Bag<T> {
    return new Bag(remove(this.expr, call));
  }

  /**
   * The bag without null and undefined; with a key, without the records in which one of them lies there.
   * @example
   * ```ts
   * console.log(await fromSequence([1, null, 0]).compact().compute()); // → [ 1, 0 ]
   * const people = fromSequence([{ name: "Ada", age: 36 }, { name: "Bob", age: undefined }]);
   * console.log(await people.compact("age").map(({ age }) => age + 1).compute()); // → [ 37 ]
   * ```
   */
  compact(): Bag<NonNullable<T>>;
  compact<K extends keyof T & (string | number)>(key: K): Bag<With<T, K>>;
  compact(key?: string | number): Bag<NonNullable<T>> {
    return new Bag(compact(this.expr, key));
  }

  /**
   * The bag of what lies at a key, or at a path of keys, in every record. `default` stands for what is undefined; without
   * it a record that cannot have such a key is an error.
   * @example
   * ```ts
   * const users = fromSequence([{ name: { first: "Ada" } }, { name: { first: "Alan" } }]);
   * console.log(await users.pluck(["name", "first"]).compute()); // → [ 'Ada', 'Alan' ]
   * console.log(await fromSequence<[string, number]>([["a", 1]]).pluck(1).compute()); // → [ 1 ]
   * ```
   */
  pluck<K extends keyof T & (string | number)>(key: K): Bag<T[K]>;
  pluck<K extends keyof T & (string | number), const D>(
    key: K,
    options: PluckOptions<D>,
  ): Bag<Exclude<T[K], undefined> | D>;
  pluck<const P extends readonly (string | number)[]>(path: P & PathOf<T, P>): Bag<ValueAt<T, P>>;
  pluck<const P extends readonly (string | number)[], const D>(
    path: P & PathOf<T, P>,
    options: PluckOptions<D>,
  ): Bag<Exclude<ValueAt<T, P>, undefined> | D>;
  pluck(path: unknown, options?: PluckOptions<unknown>): Bag<never> {
    return new Bag(pluck(this.expr, path, options));
  }

  /**
   * The bag of the items of every record.
   * @example
   * ```ts
   * console.log(await fromSequence([[1, 2], [3]]).flatten().compute()); // → [ 1, 2, 3 ]
   * ```
   */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    return new Bag(flatten(this.expr));
  }

  /**
   * One total per key, as records `[key, total]`: within a part `binop` adds records to totals, then `combine` (or
   * `binop`) makes one of two totals. A total starts with `initial`, a copy for each key and part, or with the first record.
   * @example
   * ```ts
   * const sums = fromSequence([1, 2, 3, 4]).foldBy(
   *   (n) => (n % 2 === 0 ? "even" : "odd"),
   *   (total, n) => total + n,
   *   { initial: 0, combine: (total, other) => total + other },
   * );
   * console.log(await sums.compute()); // → [ [ 'odd', 4 ], [ 'even', 6 ] ]
   * ```
   */
  foldBy<K, A>(
    key: (record: T) => K,
    binop: (total: A, record: T) => A | PromiseLike<A>,
    options: FoldFromOptions<A>,
  ): Bag<[key: Awaited<K>, total: A]>;
  foldBy<K>(
    key: (record: T) => K,
    binop: (total: T, record: T) => T | PromiseLike<T>,
    options?: FoldOptions<T>,
  ): Bag<[key: Awaited<K>, total: T]>;
  foldBy(
    key: (record: never) => unknown,
    binop: (...values: never[]) => unknown,
    options?: FoldOptions<unknown>,
  ): Bag<[key: unknown, total: unknown]> {
    return new Bag(foldBy(this.expr, { key, binop, options }));
  }

  /**
   * The running totals: `binop` of the total so far and each record, in order. `initial` comes first if it is given; else
   * the first record does. `binop` is called twice per record, and must give a new total and not change the old one.
   * @example
   * ```ts
   * const sums = fromSequence([1, 2, 3], { partitions: 2 }).accumulate((total, n) => total + n);
   * console.log(await sums.compute()); // → [ 1, 3, 6 ]
   * ```
   */
  accumulate<A>(binop: (total: A, record: T) => A | PromiseLike<A>, initial: A): Bag<A>;
  accumulate(binop: (total: T, record: T) => T | PromiseLike<T>): Bag<T>;
  accumulate(binop: (...values: never[]) => unknown, ...initial: readonly unknown[]): Bag<never> {
    return new Bag(accumulate(this.expr, binop, initial));
  }

  /**
   * The first record of each kind, in order: records are of one kind if they are equal as content, or if their keys are.
   * @example
   * ```ts
   * console.log(await fromSequence(["a", "b", "a"]).distinct().compute()); // → [ 'a', 'b' ]
   * console.log(await fromSequence(["to", "be", "not"]).distinct({ key: (text) => text.length }).compute()); // → [ 'to', 'not' ]
   * ```
   */
  distinct(options?: DistinctOptions<T>): Bag<T> {
    return new Bag(distinct(this.expr, options));
  }

  /**
   * How often each record occurs, as records `[record, count]` in order of first appearance.
   * @example
   * ```ts
   * console.log(await fromSequence(["a", "b", "a"]).frequencies().compute()); // → [ [ 'a', 2 ], [ 'b', 1 ] ]
   * ```
   */
  frequencies(): Bag<[record: T, count: number]> {
    return new Bag(frequencies(this.expr));
  }

  /**
   * The records by key, as records `[key, records]`; each key is in exactly one part.
   * @example
   * ```ts
   * const byLength = fromSequence(["a", "bb", "c"]).groupBy((text) => text.length, { partitions: 1 });
   * console.log(await byLength.compute()); // → [ [ 1, [ 'a', 'c' ] ], [ 2, [ 'bb' ] ] ]
   * ```
   */
  groupBy<K>(
    key: (record: T) => K,
    options?: GroupByOptions,
  ): Bag<[key: Awaited<K>, records: T[]]> {
    return new Bag(groupBy(this.expr, key, options));
  }

  /**
   * The pairs `[record, record of other]` with equal keys; without `onOther`, `onSelf` serves both sides. `other` may be a
   * list or another iterable.
   * @example
   * ```ts
   * const orders = fromSequence([{ of: 1, item: "pear" }, { of: 2, item: "fig" }]);
   * const people = fromSequence([{ id: 1, name: "Ada" }]);
   * const pairs = orders.join(people, (order) => order.of, (person) => person.id);
   * console.log(await pairs.map(([order, person]) => `${person.name}: ${order.item}`).compute()); // → [ 'Ada: pear' ]
   * ```
   */
  join<U, K>(
    other: Bag<U> | Iterable<U>,
    onSelf: (record: T) => K,
    onOther: (record: U) => K,
    options?: JoinOptions,
  ): Bag<[record: T, other: U]>;
  join<U>(
    other: Bag<U> | Iterable<U>,
    onSelf: (record: T | U) => unknown,
  ): Bag<[record: T, other: U]>;
  join<U>(
    other: Bag<U> | Iterable<U>,
    onSelf: (record: never) => unknown,
    onOther: (record: never) => unknown = onSelf,
    options?: JoinOptions,
  ): Bag<[record: T, other: U]> {
    const right = bagOrNothing(other) ?? otherSide(other);
    return new Bag(join(this.expr, right, { onSelf, onOther, options }));
  }

  /**
   * The `k` records that rank highest, best first. They rank by `key`; without it pairs, as `frequencies` gives them,
   * rank by their second item and other records by themselves.
   * @example
   * ```ts
   * console.log(await fromSequence([3, 1, 2]).topk(2).compute()); // → [ 3, 2 ]
   * console.log(await fromSequence(["aaa", "b"]).topk(1, { key: (text) => text.length }).compute()); // → [ 'aaa' ]
   * ```
   */
  topk(this: Bag<Rankable | readonly [unknown, Rankable]>, k: number): Bag<T>;
  topk(k: number, options: TopkOptions<T>): Bag<T>;
  topk(k: number, options?: TopkOptions<T>): Bag<T> {
    return new Bag(topk(this.expr, k, options));
  }

  /**
   * The bag of tuples of the records at the same place in this bag and others, which must have equal partitions.
   * @example
   * ```ts
   * const numbers = fromSequence([1, 2]);
   * console.log(await numbers.zip(numbers.map((n) => n * n)).compute()); // → [ [ 1, 1 ], [ 2, 4 ] ]
   * ```
   */
  zip<const O extends readonly Bag<unknown>[]>(
    ...others: O
  ): Bag<[record: T, ...others: BesideValues<O>]> {
    for (const other of others) exprOf(other, "bag.zip");
    return new Bag(zip(this.expr, besides(others, "bag.zip")));
  }

  /**
   * The bags of the first, second … `count`-th item of every record.
   * @example
   * ```ts
   * const [names, ages] = fromSequence<[string, number]>([["Ada", 36]]).unzip(2);
   * console.log(await names.compute(), await ages.compute()); // → [ 'Ada' ] [ 36 ]
   * ```
   */
  unzip<A extends readonly unknown[]>(this: Bag<A>, count: A["length"]): Unzipped<A> {
    wholeNumber("bag.unzip: count", count, { min: 1, max: unzippedMax });
    const bags = Array.from({ length: count }, (_, i) => new Bag(unzip(this.expr, i)));
    return bags as unknown as Unzipped<A>; // Bag i is of item i.
  }

  /**
   * The bag of the records of this bag and then of others.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2]).concat(fromSequence(["a"])).compute()); // → [ 1, 2, 'a' ]
   * ```
   */
  concat<U>(...others: readonly Bag<U>[]): Bag<T | U> {
    return new Bag(concat([this.expr, ...others.map((other) => exprOf(other, "bag.concat"))]));
  }

  /**
   * The bag of all pairs `[record, record of other]`: as many tasks as there are pairs of partitions.
   * @example
   * ```ts
   * const pairs = fromSequence([1, 2], { partitions: 1 }).product(fromSequence(["a", "b"], { partitions: 1 }));
   * console.log(await pairs.map(([n, text]) => `${n}${text}`).compute()); // → [ '1a', '1b', '2a', '2b' ]
   * ```
   */
  product<U>(other: Bag<U>): Bag<[record: T, other: U]> {
    return new Bag(product(this.expr, exprOf(other, "bag.product: other")));
  }

  /**
   * The same records in the same order in other partitions: so many, or of at most so many bytes as they are stored.
   * @example
   * ```ts
   * const bag = fromSequence([1, 2, 3, 4, 5], { partitions: 5 }).repartition({ partitions: 2 });
   * for await (const part of bag) console.log(part.length);
   * // → 2
   * // → 3
   * ```
   */
  repartition(options: RepartitionOptions): Bag<T> {
    return new Bag(repartition(this.expr, options));
  }

  /**
   * The bag of some of the records, each with the given probability.
   * @example
   * ```ts
   * const bag = fromSequence(Array.from({ length: 1000 }, (_, i) => i));
   * const some = await bag.randomSample(0.1, { seed: 1 }).compute();
   * console.log(some.length > 50 && some.length < 150); // → true
   * ```
   */
  randomSample(probability: number, options?: SampleOptions): Bag<T> {
    return new Bag(randomSample(this.expr, probability, options));
  }

  /**
   * The bag of `k` records in random order, drawn without putting back; fewer records than that are an error.
   * @example
   * ```ts
   * const drawn = await fromSequence([1, 2, 3]).sample(3, { seed: 1 }).compute();
   * console.log(drawn.toSorted()); // → [ 1, 2, 3 ]
   * ```
   */
  sample(k: number, options?: SampleOptions): Bag<T> {
    return new Bag(sample(this.expr, k, options));
  }

  /**
   * The bag of `k` records, each drawn from all: the same one may come several times.
   * @example
   * ```ts
   * const drawn = await fromSequence(["head", "tail"]).choices(10, { seed: 1 }).compute();
   * console.log(drawn.length); // → 10
   * ```
   */
  choices(k: number, options?: SampleOptions): Bag<T> {
    return new Bag(choices(this.expr, k, options));
  }
}

/** What a function gets for what goes beside a record: a bag's record, another lazy's value, anything else itself. */
export type BesideValues<O extends readonly unknown[]> = {
  readonly [K in keyof O]: O[K] extends Bag<infer R> ? R : Computed<O[K]>;
};

/** The same for a partition: a bag's partition. */
export type BesidePartitions<O extends readonly unknown[]> = {
  readonly [K in keyof O]: O[K] extends Bag<infer R> ? PartitionRecords<R> : Computed<O[K]>;
};

/** A bag for every item of records that are lists. */
export type Unzipped<A extends readonly unknown[]> = { readonly [K in keyof A]: Bag<A[K]> };

/** The items of records that are lists; of others there are none. */
export type ItemsOf<T> = T extends readonly unknown[] ? T : never;

/** `unknown` if `P` is a path in a `T`; otherwise nothing is. */
export type PathOf<T, P extends readonly unknown[]> = [ValueAt<T, P>] extends [never]
  ? never
  : unknown;

const family = bagFamily((expr, kept) => new Bag(expr, kept));
