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
import { keptCount } from "../../client/kept-expr.ts";
import { LazyBase } from "../../client/lazy-base.ts";
import type { Expr } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import { partitionsOf } from "./bag-expr.ts";
import { partsInOrder, recordsInOrder } from "./parts.ts";
import { take } from "./take.ts";

/** Makes the bag of an expression whose chunks are kept: the class itself, which this layer cannot import. */
export type MakeKept = (expr: Expr, kept: KeptHandle) => BagCore<unknown>;

/** What a bag is made with, besides its expression. */
export interface BagFacts {
  readonly family: LazyFamily;
  readonly kept?: KeptHandle | undefined;
}

/** What a bag can do as a whole: describe itself, be computed, kept and read. */
export abstract class BagCore<T> extends LazyBase<T[]> {
  protected readonly expr: Expr;
  readonly #kept: KeptHandle | undefined;

  constructor(expr: Expr, { family, kept }: BagFacts) {
    super({ family: family, source: expr, describe: () => describe(expr) });
    this.expr = expr;
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
    return partitionsOf(this.expr);
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
   * console.log(await squares.count().compute(), await squares.take(1)); // → 3 [ 1 ]
   * ```
   */
  async persist(options?: ComputeOptions): Promise<this> {
    const [kept] = await persist<[this]>(this, options ?? {});
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
    yield* partsInOrder(kept.expr) as AsyncGenerator<T[]>;
  }

  /**
   * Runs the work, then gives the records one by one. They are read as they are wanted: no part is held.
   * @example
   * ```ts
   * for await (const line of readText("words/*.txt").records()) {
   *   if (line === "to be") break;
   *   console.log(line); // → to be or not
   * }
   * ```
   */
  async *records(): AsyncGenerator<T> {
    using kept = await this.persist();
    yield* recordsInOrder(kept.expr) as AsyncGenerator<T>;
  }

  /**
   * Runs as much of the work as the first `n` records need, which it gives.
   * @example
   * ```ts
   * console.log(await readText("words/*.txt").take(1)); // → [ 'to be or not' ]
   * ```
   */
  take(n: number, options?: ComputeOptions): Promise<T[]> {
    return take(this.expr, n, options) as Promise<T[]>;
  }
}

/** The expression of a value that must be a bag. */
export function exprOf(value: unknown, where: string): Expr {
  const expr = bagOrNothing(value);
  if (expr !== undefined) return expr;
  throw badArgument(where, "a bag", value);
}

/** The expression of a value, if it is a bag. */
export function bagOrNothing(value: unknown): Expr | undefined {
  // Only bags have these, and their source is their expression.
  return value instanceof BagCore ? (value[lazyKey].source as Expr) : undefined;
}

/** The family of bags, which are looked at together. */
export function bagFamily(makeKept: MakeKept): LazyFamily {
  return {
    publishedAs: "bag",
    works: (sources) => sources.map((source) => workOf(source as Expr)), // As above.
    kept: (_source, work, handle) => makeKept(withCount(work.expr), handle),
  };
}

/** What has run tells how many parts it has. */
function withCount(expr: Expr): Expr {
  const partitions = partitionsOf(expr) ?? keptCount(expr);
  return partitions === undefined ? expr : { ...expr, meta: { ...expr.meta, partitions } };
}

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
