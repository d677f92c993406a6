import type { Delayed } from "../delayed-types.ts";
import { BagTotals } from "./bag-totals.ts";
import { toDelayed } from "./to-delayed.ts";
import {
  checkWriteJsonLines,
  checkWriteText,
  type WriteJsonLinesOptions,
  type WriteTextOptions,
} from "./write-options.ts";
import { writeFiles } from "./write-text.ts";

/** Where records go: files, and other collections. */
export abstract class BagOutputs<T> extends BagTotals<T> {
  /**
   * Runs the work and writes each part to a file of its own, a line per record, packed if the name ends in `.gz` or
   * `.zst`; gives their paths. Each file appears whole or not at all, and when all are there `_success-….json` beside them
   * lists them.
   * @example
   * ```ts
   * const letters = fromSequence(["a", "b"], { partitions: 2 });
   * const paths = await letters.writeText("out/part-*.txt.gz");
   * console.log(paths.map((path) => basename(path))); // → [ 'part-0.txt.gz', 'part-1.txt.gz' ]
   * const [first] = await letters.writeText("out/*.txt", { name: (partition) => `letters-${partition}` });
   * console.log(basename(first ?? "")); // → letters-0.txt
   * ```
   */
  async writeText(
    this: BagOutputs<string>,
    pattern: string | URL,
    options?: WriteTextOptions,
  ): Promise<string[]> {
    return writeFiles(this.expr, checkWriteText(pattern, options));
  }

  /**
   * Runs the work and writes each part to a file of its own, a line of JSON per record, as `writeText` does. What JSON
   * has not is written as `JSON.stringify` has it: a Date as text, NaN as null; bigints and undefined are errors.
   * @example
   * ```ts
   * const [path = ""] = await fromSequence([{ user: "Ada" }]).writeJsonLines("out/users-*.jsonl");
   * console.log(await readText(path).compute()); // → [ '{"user":"Ada"}' ]
   * ```
   */
  async writeJsonLines(pattern: string | URL, options?: WriteJsonLinesOptions): Promise<string[]> {
    return writeFiles(this.expr, checkWriteJsonLines(pattern, options));
  }

  /**
   * The parts as delayed values, each the list of its records. Runs nothing; of a bag whose number of parts only running
   * it tells it is an error with code `LAZY_MISUSE`.
   * @example
   * ```ts
   * const longest = delayed((words: string[]) => Math.max(...words.map((word) => word.length)));
   * const parts = fromSequence(["a", "bb", "cccc"], { partitions: 2 }).toDelayed();
   * console.log(await compute(...parts.map((words) => longest(words)))); // → [ 1, 4 ]
   * ```
   */
  toDelayed<U>(this: BagOutputs<U>): Delayed<U[]>[] {
    return toDelayed<U>(this.expr);
  }
}
