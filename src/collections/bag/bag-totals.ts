import { BagCore } from "./bag-core.ts";
import { fold, type ReductionOptions, reduction } from "./fold.ts";
import type { FoldFromOptions, FoldOptions } from "./fold-options.ts";
import { Item } from "./item.ts";
import type { PartitionRecords } from "./record-types.ts";
import type { Rankable, TopkOptions } from "./topk.ts";
import { count, extreme, mean, sum, test, type VarianceOptions, variance } from "./totals.ts";

/** What becomes of all records together: one value, lazily. */
export abstract class BagTotals<T> extends BagCore<T> {
  /**
   * How many records there are.
   * @example
   * ```ts
   * console.log(await readText("words/*.txt").count().compute()); // → 3
   * ```
   */
  count(): Item<number> {
    return new Item(count(this.expr));
  }

  /**
   * The sum of numbers, exact until it is rounded once at the end: it is the same however the records are cut into
   * parts. Bigints give a bigint; a bag of both is an error; 0 of no records.
   * @example
   * ```ts
   * console.log(await fromSequence([0.1, 0.2, 0.3]).sum().compute()); // → 0.6
   * console.log(await fromSequence([2n ** 64n, 1n]).sum().compute()); // → 18446744073709551617n
   * ```
   */
  sum(this: BagTotals<number>): Item<number>;
  sum(this: BagTotals<bigint>): Item<bigint | 0>;
  sum(): Item<number | bigint> {
    return new Item(sum(this.expr));
  }

  /**
   * The mean of numbers or of bigints, rounded once; NaN of no records.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 6]).mean().compute()); // → 3
   * ```
   */
  mean(this: BagTotals<number>): Item<number>;
  mean(this: BagTotals<bigint>): Item<number>;
  mean(): Item<number> {
    return new Item(mean(this.expr));
  }

  /**
   * The variance of numbers or of bigints, exact until it is rounded once; NaN of `ddof` records or fewer.
   * @example
   * ```ts
   * const lengths = fromSequence([1, 2, 6]);
   * console.log(await lengths.variance({ ddof: 1 }).compute()); // → 7
   * ```
   */
  variance(this: BagTotals<number>, options?: VarianceOptions): Item<number>;
  variance(this: BagTotals<bigint>, options?: VarianceOptions): Item<number>;
  variance(options?: VarianceOptions): Item<number> {
    return new Item(variance(this.expr, "variance", options));
  }

  /**
   * The standard deviation of numbers or of bigints: the root of `variance`.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 3, 1, 3]).std().compute()); // → 1
   * ```
   */
  std(this: BagTotals<number>, options?: VarianceOptions): Item<number>;
  std(this: BagTotals<bigint>, options?: VarianceOptions): Item<number>;
  std(options?: VarianceOptions): Item<number> {
    return new Item(variance(this.expr, "std", options));
  }

  /**
   * The record that ranks lowest, by `key` if there is one; of equal ones the first, and undefined of no records. null,
   * undefined, NaN and invalid dates count only where there is nothing else.
   * @example
   * ```ts
   * console.log(await fromSequence([3, 1, 2]).min().compute()); // → 1
   * console.log(await fromSequence(["aaa", "b"]).min({ key: (text) => text.length }).compute()); // → b
   * ```
   */
  min(this: BagTotals<Rankable>): Item<T | undefined>;
  min(options: TopkOptions<T>): Item<T | undefined>;
  min(options?: TopkOptions<T>): Item<T | undefined> {
    return new Item(extreme(this.expr, "min", options));
  }

  /**
   * The record that ranks highest, by `key` if there is one; of equal ones the first, and undefined of no records. null,
   * undefined, NaN and invalid dates count only where there is nothing else.
   * @example
   * ```ts
   * console.log(await fromSequence([3, 1, 2]).max().compute()); // → 3
   * console.log(await fromSequence(["aaa", "b"]).max({ key: (text) => text.length }).compute()); // → aaa
   * ```
   */
  max(this: BagTotals<Rankable>): Item<T | undefined>;
  max(options: TopkOptions<T>): Item<T | undefined>;
  max(options?: TopkOptions<T>): Item<T | undefined> {
    return new Item(extreme(this.expr, "max", options));
  }

  /**
   * Whether any record is truthy, or makes `predicate` answer something truthy; false of no records. A part is read
   * until that is known.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).any((n) => n > 2).compute()); // → true
   * ```
   */
  any(predicate?: (record: T) => unknown): Item<boolean> {
    return new Item(test(this.expr, "any", predicate));
  }

  /**
   * Whether every record is truthy, or makes `predicate` answer something truthy; true of no records. A part is read
   * until that is known.
   * @example
   * ```ts
   * console.log(await fromSequence([1, 2, 3]).all((n) => n > 2).compute()); // → false
   * ```
   */
  all(predicate?: (record: T) => unknown): Item<boolean> {
    return new Item(test(this.expr, "all", predicate));
  }

  /**
   * All records folded into one total: within a part `binop` adds records, then `combine` (or `binop`) makes one of two
   * totals. `initial` is where every part starts, so it must change nothing; without it a part starts with its first
   * record, and a bag without records is an error.
   * @example
   * ```ts
   * const words = fromSequence(["to", "be", "or"]);
   * const chars = words.fold((total, word) => total + word.length, { initial: 0, combine: (a, b) => a + b });
   * console.log(await chars.compute()); // → 6
   * console.log(await words.fold((a, b) => (a.length >= b.length ? a : b)).compute()); // → to
   * ```
   */
  fold<A>(binop: (total: A, record: T) => A | PromiseLike<A>, options: FoldFromOptions<A>): Item<A>;
  fold(binop: (total: T, record: T) => T | PromiseLike<T>, options?: FoldOptions<T>): Item<T>;
  fold(binop: (...values: never[]) => unknown, options?: FoldOptions<unknown>): Item<unknown> {
    return new Item(fold(this.expr, binop, options));
  }

  /**
   * What `aggregate` makes of what `perPartition` makes of the records of each part. `aggregate` takes up to `fanIn` results,
   * also its own, and must not mind how they are grouped. Parts without records are left out; of a bag without records
   * `perPartition` gets none, once.
   * @example
   * ```ts
   * const longest = fromSequence(["to", "be", "or", "not"], { partitions: 2 }).reduction(
   *   async (words) => Math.max(...(await words.toArray()).map((word) => word.length)),
   *   (lengths) => Math.max(...lengths),
   * );
   * console.log(await longest.compute()); // → 3
   * ```
   */
  reduction<A>(
    perPartition: (records: PartitionRecords<T>) => A | PromiseLike<A>,
    aggregate: (results: A[]) => A | PromiseLike<A>,
    options?: ReductionOptions,
  ): Item<A> {
    return new Item(reduction(this.expr, { perPartition, aggregate, options }));
  }
}
