import type { KeptHandle } from "../../client/collection.ts";
import type { Expr } from "../../plan/expr.ts";
import { bagFamily, exprOf } from "./bag-core.ts";
import { BagOutputs } from "./bag-outputs.ts";
import { filter } from "./filter.ts";
import { flatten } from "./flatten.ts";
import { checkFoldArguments, foldBy } from "./fold-by.ts";
import { frequencies } from "./frequencies.ts";
import { type GroupByOptions, groupBy } from "./group-by.ts";
import { type JoinOptions, join } from "./join.ts";
import { map } from "./map.ts";
import { type Rankable, type TopkOptions, topk } from "./topk.ts";

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
   * The bag of `call`'s result for every record.
   * @example
   * ```ts
   * const lengths = fromSequence(["a", "bb"]).map((text) => text.length);
   * console.log(await lengths.compute()); // → [ 1, 2 ]
   * ```
   */
  map<U>(call: (record: T) => U): Bag<Awaited<U>> {
    return new Bag(map(this.expr, call));
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
   * `binop`) adds up the totals of parts. A total starts with `initial`, a copy for each key, or with the first record.
   * @example
   * ```ts
   * const sums = fromSequence([1, 2, 3, 4]).foldBy(
   *   (n) => (n % 2 === 0 ? "even" : "odd"),
   *   (total: number, n) => total + n,
   *   0,
   *   (total, other) => total + other,
   * );
   * console.log(await sums.compute()); // → [ [ 'odd', 4 ], [ 'even', 6 ] ]
   * ```
   */
  foldBy<K, A>(
    key: (record: T) => K,
    binop: (total: A, record: T) => A | PromiseLike<A>,
    initial: A,
    combine: (total: A, other: A) => A | PromiseLike<A>,
  ): Bag<[key: Awaited<K>, total: A]>;
  foldBy<K>(
    key: (record: T) => K,
    binop: (total: T, record: T) => T | PromiseLike<T>,
    initial?: T,
  ): Bag<[key: Awaited<K>, total: T]>;
  foldBy(...given: readonly unknown[]): Bag<[key: never, total: never]> {
    return new Bag(foldBy(this.expr, checkFoldArguments(given)));
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
   * The pairs `[record, record of other]` with equal keys; without `onOther`, `onSelf` serves both sides.
   * @example
   * ```ts
   * const orders = fromSequence([{ of: 1, item: "pear" }, { of: 2, item: "fig" }]);
   * const people = fromSequence([{ id: 1, name: "Ada" }]);
   * const pairs = orders.join(people, (order) => order.of, (person) => person.id);
   * console.log(await pairs.map(([order, person]) => `${person.name}: ${order.item}`).compute()); // → [ 'Ada: pear' ]
   * ```
   */
  join<U, K>(
    other: Bag<U>,
    onSelf: (record: T) => K,
    onOther: (record: U) => K,
    options?: JoinOptions,
  ): Bag<[record: T, other: U]>;
  join<U>(other: Bag<U>, onSelf: (record: T | U) => unknown): Bag<[record: T, other: U]>;
  join<U>(
    other: Bag<U>,
    onSelf: (record: never) => unknown,
    onOther: (record: never) => unknown = onSelf,
    options?: JoinOptions,
  ): Bag<[record: T, other: U]> {
    const right = exprOf(other, "bag.join: other");
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
}

const family = bagFamily((expr, kept) => new Bag(expr, kept));
