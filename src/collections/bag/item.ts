import type { KeptHandle, LazyFamily, LazyWork } from "../../client/collection.ts";
import { computeOne, persist } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import { type ExplainOptions, explain, visualize } from "../../client/explain.ts";
import { LazyBase } from "../../client/lazy-base.ts";
import type { Expr } from "../../plan/expr.ts";
import { delayedValue } from "../delayed-builder.ts";
import { installDelayed } from "../delayed-family.ts";
import type { Delayed } from "../delayed-types.ts";
import { mapItem } from "./map-item.ts";

/**
 * One value made of a bag, not computed yet: what `count`, `sum`, `fold` and other totals give. It may be an argument
 * of delayed calls and of futures, and `compute` computes several at once.
 * @example
 * ```ts
 * const heights = fromSequence([1.6, 1.7, 1.8]);
 * const [count, mean] = await compute(heights.count(), heights.mean());
 * console.log(count, mean); // → 3 1.7
 * ```
 */
export class Item<T> extends LazyBase<T> {
  readonly #expr: Expr;
  readonly #kept: KeptHandle | undefined;

  /** For this library: use what a bag's totals give. */
  constructor(expr: Expr, kept?: KeptHandle) {
    super({ family, source: expr, describe: () => `Item { ${expr.operation.name} }` });
    this.#expr = expr;
    this.#kept = kept;
  }

  /**
   * Runs the work and gives the value.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).sum().compute()); // → 6
   * ```
   */
  compute(options?: ComputeOptions): Promise<T> {
    return computeOne(this, options, "item.compute");
  }

  /**
   * Runs the work and gives the same item with its value kept in the store until `release()`.
   * @example
   * ```ts
   * using total = await fromSequence([1, 2, 3]).sum().persist();
   * console.log(await total.compute()); // → 6
   * ```
   */
  async persist(options?: ComputeOptions): Promise<this> {
    const [kept] = await persist<[this]>(this, options ?? {});
    return kept;
  }

  /**
   * Lets the store drop what `persist` kept; does nothing to an item that was not persisted.
   * @example
   * ```ts
   * const kept = await fromSequence([1, 2]).sum().persist();
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
   * What would run, as text. Runs nothing.
   * @example
   * ```ts
   * console.log(fromSequence([1, 2, 3]).sum().explain());
   * ```
   */
  explain(options?: ExplainOptions): string {
    return explain(this, options);
  }

  /**
   * The stages that would run, as an SVG drawing. Runs nothing.
   * @example
   * ```ts
   * writeFileSync("plan.svg", fromSequence([1, 2, 3]).sum().visualize());
   * ```
   */
  visualize(): string {
    return visualize(this);
  }

  /**
   * The item of `call`'s result for the value.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).sum().map((sum) => sum / 2).compute()); // → 3
   * ```
   */
  map<U>(call: (value: T) => U): Item<Awaited<U>> {
    return new Item(mapItem(this.#expr, call));
  }

  /**
   * The same value as a delayed one.
   * @example
   * ```ts
   * const total: Delayed<number> = fromSequence([1, 2.25]).sum().toDelayed();
   * console.log(await total.toFixed(1).compute()); // → 3.3
   * ```
   */
  toDelayed(): Delayed<T> {
    return delayedValue(this, { traverse: true }) as Delayed<T>; // The delayed value of an item computes what the item does.
  }
}

const family: LazyFamily = {
  publishedAs: "item",
  works: (sources) => sources.map((source) => workOf(source as Expr)), // Only items give sources to it.
  kept: (_source, work, handle) => new Item(work.expr, handle),
};

function workOf(expr: Expr): LazyWork {
  return {
    expr,
    indexes: { kind: "list", indexes: Uint32Array.of(0) },
    assemble: ([value]) => value,
    asArgument: "chunk",
  };
}

installDelayed();
