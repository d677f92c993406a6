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
 * A lazy list of records of any kind, in parts. Every method that gives a bag only notes what is to be done; `compute`,
 * `persist`, `take` and `writeText` start the work. Functions may be async; they travel to workers with what they use.
 * @example
 * ```ts
 * const top = await readText("logs/*.txt")
 *   .map((line) => line.split(" "))
 *   .flatten()
 *   .frequencies()
 *   .topk(10)
 *   .compute();
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

  /** How many parts the bag has; undefined if only running it tells. */
  get partitions(): number | undefined {
    return partitionsOf(this.#expr);
  }

  /** What would run, as text. Runs nothing. */
  explain(options?: ExplainOptions): string {
    return explain(this, options);
  }

  /** The stages that would run, as an SVG drawing. Runs nothing. */
  visualize(): string {
    return visualize(this);
  }

  /** Runs the work and gives all records in order. */
  compute(options?: ComputeOptions): Promise<T[]> {
    return computeOne(this, options, "bag.compute");
  }

  /** Runs the work and gives the same bag with its records kept in the store until `release()`. */
  async persist(options?: ComputeOptions): Promise<Bag<T>> {
    const [kept] = await persist<[Bag<T>]>(this, options ?? {});
    return kept;
  }

  /** Lets the store drop what `persist` kept; does nothing to a bag that was not persisted. */
  release(): void {
    this.#kept?.release();
  }

  /** The same as `release`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** Runs the work, then gives the records part by part: `for await (const part of bag)`. One part is held at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T[]> {
    using kept = await this.persist();
    yield* partsInOrder(kept.#expr) as AsyncGenerator<T[]>;
  }

  /** Runs as much of the work as the first `n` records need, which it gives. */
  take(n: number, options?: ComputeOptions): Promise<T[]> {
    return take(this.#expr, n, options) as Promise<T[]>;
  }

  /** Runs the work and gives the number of records. */
  count(options?: ComputeOptions): Promise<number> {
    return count(this.#expr, options);
  }

  /**
   * Runs the work and writes each part to a file of its own, a line per record, gzip if the name ends in `.gz`; gives
   * their paths. Each file appears whole or not at all, and when all are there `success.json` beside them lists them.
   */
  writeText(this: Bag<string>, pattern: string | URL, options?: ComputeOptions): Promise<string[]> {
    return writeText(this.#expr, pattern, options);
  }

  /** The bag of `call`'s result for every record. */
  map<U>(call: (record: T) => U): Bag<Awaited<U>> {
    return new Bag(map(this.#expr, call));
  }

  /** The bag of the records for which `call` answers something truthy. */
  filter<S extends T>(call: (record: T) => record is S): Bag<S>;
  filter(call: (record: T) => unknown): Bag<T>;
  filter(call: (record: T) => unknown): Bag<T> {
    return new Bag(filter(this.#expr, call));
  }

  /** The bag of the items of every record. */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    return new Bag(flatten(this.#expr));
  }

  /**
   * One total per key, as records `[key, total]`: within a part `binop` adds records to totals, then `combine` (or
   * `binop`) adds up the totals of parts. A total starts with `initial`, a copy for each key, or with the first record.
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

  /** How often each record occurs, as records `[record, count]` in order of first appearance. */
  frequencies(): Bag<[record: T, count: number]> {
    return new Bag(frequencies(this.#expr));
  }

  /** The records by key, as records `[key, records]`; each key is in exactly one part. */
  groupBy<K>(
    key: (record: T) => K,
    options?: GroupByOptions,
  ): Bag<[key: Awaited<K>, records: T[]]> {
    return new Bag(groupBy(this.#expr, key, options));
  }

  /** The pairs `[record, record of other]` with equal keys; without `onOther`, `onSelf` serves both sides. */
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
  const parts = partitions === undefined ? "parts unknown" : `${partitions} parts`;
  return `Bag { ${expr.operation.name}, ${parts} }`;
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
