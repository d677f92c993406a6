import { Bag } from "./bag.ts";
import { type FromSequenceOptions, sequenceExpr } from "./from-sequence.ts";
import { type ReadTextOptions, textExpr } from "./read-text.ts";

/**
 * The bag of `items`, which are copied now and must be plain data.
 * @example
 * ```ts
 * const squares = fromSequence([1, 2, 3], { partitions: 2 }).map((n) => n * n);
 * console.log(await squares.compute()); // → [ 1, 4, 9 ]
 * ```
 */
export function fromSequence<T>(items: Iterable<T>, options?: FromSequenceOptions): Bag<T> {
  return new Bag(sequenceExpr(items, options));
}

/**
 * The bag of the lines of text files: paths, `file:`, `s3:` or `https:` URLs, globs, or `s3:` prefixes that end in
 * `/`. Large files are cut into parts; files whose name ends in `.gz` are unpacked and are one part each. Missing local
 * files are an error here, those elsewhere when the work starts, and changed ones when they are read.
 * @example
 * ```ts
 * const lines = readText("words/*.txt", { blockBytes: "64 MiB" }).filter((line) => line.startsWith("to"));
 * console.log(await lines.compute()); // → [ 'to be or not', 'to be', 'to go' ]
 * ```
 */
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options?: ReadTextOptions,
): Bag<string> {
  return new Bag(textExpr(patterns, options));
}
