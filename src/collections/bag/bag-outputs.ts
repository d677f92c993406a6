import type { ComputeOptions } from "../../client/compute-options.ts";
import { BagTotals } from "./bag-totals.ts";
import { writeText } from "./write-text.ts";

/** Where records go: files, and other collections. */
export abstract class BagOutputs<T> extends BagTotals<T> {
  /**
   * Runs the work and writes each part to a file of its own, a line per record, gzip if the name ends in `.gz`; gives
   * their paths. Each file appears whole or not at all, and when all are there `success.json` beside them lists them.
   * @example
   * ```ts
   * const paths = await fromSequence(["a", "b"], { partitions: 2 }).writeText("out/part-*.txt.gz");
   * console.log(paths.map((path) => basename(path))); // → [ 'part-0.txt.gz', 'part-1.txt.gz' ]
   * ```
   */
  writeText(
    this: BagOutputs<string>,
    pattern: string | URL,
    options?: ComputeOptions,
  ): Promise<string[]> {
    return writeText(this.expr, pattern, options);
  }
}
