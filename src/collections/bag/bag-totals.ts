import type { ComputeOptions } from "../../client/compute-options.ts";
import { BagCore } from "./bag-core.ts";
import { count } from "./count.ts";

/** What becomes of all records together: one value. */
export abstract class BagTotals<T> extends BagCore<T> {
  /**
   * Runs the work and gives the number of records.
   * @example
   * ```ts
   * console.log(await readText("words/*.txt").count()); // → 3
   * ```
   */
  count(options?: ComputeOptions): Promise<number> {
    return count(this.expr, options);
  }
}
