import { badArgument } from "../../base/errors.ts";
import {
  type KeptHandle,
  type LazyFamily,
  type LazyWork,
  lazyKey,
} from "../../client/collection.ts";
import { computeOne, persist } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import { type ExplainOptions, explain, visualize } from "../../client/explain.ts";
import { LazyBase } from "../../client/lazy-base.ts";
import type { Expr } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import { partitionsOf } from "./bag-expr.ts";
import { count } from "./count.ts";
import { filter } from "./filter.ts";
import { flatten } from "./flatten.ts";
import { checkFoldArguments, foldBy } from "./fold-by.ts";
import { frequencies } from "./frequencies.ts";
import { type GroupByOptions, groupBy } from "./group-by.ts";
import { type JoinOptions, join } from "./join.ts";
import { map } from "./map.ts";
import { partsInOrder } from "./parts.ts";
import { take } from "./take.ts";
import { type Rankable, type TopkOptions, topk } from "./topk.ts";
import { writeText } from "./write-text.ts";

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
export class Bag<T> extends LazyBase<T[]> {
  readonly #expr: Expr;
  readonly #kept: KeptHandle | undefined;

  /** For this library: use `fromSequence` or `readText`. */
  constructor(expr: Expr, kept?: KeptHandle) {
    super({ family: bagFamily, source: expr, describe: () => describe(expr) });
    this.#expr = expr;
    this.#kept = kept;
  }

  /**
   * How many partitions the bag has; undefined if only running it tells.
   * @example
   * ```ts
   * console.log(fromSequence([1, 2, 3], { partitions: 2 }).partitions); // → 2
   * ```
   */
  get partitions(): number | undefined {
    return partitionsOf(this.#expr);
  }

  /**
   * What would run, as text. Runs nothing.
   * @example
   * ```ts
   * console.log(fromSequence([1, 2, 3]).map((n) => n + 1).explain());
   * ```
   */
  explain(options?: ExplainOptions): string {
    return explain(this, options);
  }

  /**
   * The stages that would run, as an SVG drawing. Runs nothing.
   * @example
   * ```ts
   * writeFileSync("plan.svg", fromSequence([1, 2, 3]).map((n) => n + 1).visualize());
   * ```
   */
  visualize(): string {
    return visualize(this);
  }

  /**
   * Runs the work and gives all records in order.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).map((n) => n * n).compute()); // → [ 1, 4, 9 ]
   * ```
   */
  compute(options?: ComputeOptions): Promise<T[]> {
    return computeOne(this, options, "bag.compute");
  }

  /**
   * Runs the work and gives the same bag with its records kept in the store until `release()`.
   * @example
   * ```ts
   * using squares = await fromSequence([1, 2, 3]).map((n) => n * n).persist();
   * console.log(await squares.count(), await squares.take(1)); // → 3 [ 1 ]
   * ```
   */
  async persist(options?: ComputeOptions): Promise<Bag<T>> {
    const [kept] = await persist<[Bag<T>]>(this, options ?? {});
    return kept;
  }

  /**
   * Lets the store drop what `persist` kept; does nothing to a bag that was not persisted.
   * @example
   * ```ts
   * const kept = await fromSequence([1, 2]).persist();
   * kept.release();
   * ```
   */
  release(): void {
    this.#kept?.release();
  }

  /** The same as `release`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * Runs the work, then gives the records part by part: `for await (const part of bag)`. One part is held at a time.
   * @example
   * ```ts
   * const bag = fromSequence([1, 2, 3, 4], { partitions: 2 });
   * for await (const part of bag) console.log(part.length);
   * // → 2
   * // → 2
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T[]> {
    using kept = await this.persist();
    yield* partsInOrder(kept.#expr) as AsyncGenerator<T[]>;
  }

  /**
   * Runs as much of the work as the first `n` records need, which it gives.
   * @example
   * ```ts
   * console.log(await readText("words/*.txt").take(1)); // → [ 'to be or not' ]
   * ```
   */
  take(n: number, options?: ComputeOptions): Promise<T[]> {
    return take(this.#expr, n, options) as Promise<T[]>;
  }

  /**
   * Runs the work and gives the number of records.
   * @example
   * ```ts
   * console.log(await readText("words/*.txt").count()); // → 3
   * ```
   */
  count(options?: ComputeOptions): Promise<number> {
    return count(this.#expr, options);
  }

  /**
   * Runs the work and writes each part to a file of its own, a line per record, gzip if the name ends in `.gz`; gives
   * their paths. Each file appears whole or not at all, and when all are there `success.json` beside them lists them.
   * @example
   * ```ts
   * const paths = await fromSequence(["a", "b"], { partitions: 2 }).writeText("out/part-*.txt.gz");
   * console.log(paths.map((path) => basename(path))); // → [ 'part-0.txt.gz', 'part-1.txt.gz' ]
   * ```
   */
  writeText(this: Bag<string>, pattern: string | URL, options?: ComputeOptions): Promise<string[]> {
    return writeText(this.#expr, pattern, options);
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
    return new Bag(map(this.#expr, call));
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
    return new Bag(filter(this.#expr, call));
  }

  /**
   * The bag of the items of every record.
   * @example
   * ```ts
   * console.log(await fromSequence([[1, 2], [3]]).flatten().compute()); // → [ 1, 2, 3 ]
   * ```
   */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    return new Bag(flatten(this.#expr));
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
    return new Bag(foldBy(this.#expr, checkFoldArguments(given)));
  }

  /**
   * How often each record occurs, as records `[record, count]` in order of first appearance.
   * @example
   * ```ts
   * console.log(await fromSequence(["a", "b", "a"]).frequencies().compute()); // → [ [ 'a', 2 ], [ 'b', 1 ] ]
   * ```
   */
  frequencies(): Bag<[record: T, count: number]> {
    return new Bag(frequencies(this.#expr));
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
    return new Bag(groupBy(this.#expr, key, options));
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
    return new Bag(join(this.#expr, right, { onSelf, onOther, options }));
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
    return new Bag(topk(this.#expr, k, options));
  }
}

/** The expression of a value that must be a bag. */
function exprOf(value: unknown, where: string): Expr {
  if (value instanceof Bag) return bagFamily.exprOf(value[lazyKey].source);
  throw badArgument(where, "a bag", value);
}

const bagFamily: LazyFamily & { exprOf(source: unknown): Expr } = {
  exprOf: (source) => source as Expr, // Only bags name this family, and their source is their expression.
  works: (sources) => sources.map((source) => workOf(bagFamily.exprOf(source))),
  kept: (_source, work, handle) => new Bag(work.expr, handle),
};

function describe(expr: Expr): string {
  const partitions = partitionsOf(expr);
  const count = partitions === undefined ? "an unknown number of" : String(partitions);
  return `Bag { ${expr.operation.name}, ${count} ${partitions === 1 ? "partition" : "partitions"} }`;
}

function workOf(expr: Expr): LazyWork<unknown[]> {
  return {
    expr,
    indexes: allIndexes,
    assemble: (chunks) => {
      const records: unknown[] = [];
      for (const chunk of chunks as readonly (readonly unknown[])[]) {
        for (const record of chunk) records.push(record);
      }
      return records;
    },
    asArgument: "records",
  };
}
