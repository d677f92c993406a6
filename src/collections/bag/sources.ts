import type { Lazy } from "../../client/collection.ts";
import { Bag } from "./bag.ts";
import { fromDelayedExpr } from "./from-delayed.ts";
import { fromMapExpr } from "./from-map.ts";
import { type FromSequenceOptions, sequenceExpr } from "./from-sequence.ts";
import { type RangeOptions, rangeExpr } from "./range.ts";
import type { ReadJsonLinesOptions, ReadTextOptions } from "./read-options.ts";
import { type FilePatterns, jsonLinesExpr, textExpr } from "./read-text.ts";
import type { MadeRecords } from "./record-types.ts";

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
 * The bag of the numbers from 0 to `end` − 1, which tasks make themselves.
 * @example
 * ```ts
 * console.log(await range(5, { partitions: 2 }).map((n) => n * n).compute()); // → [ 0, 1, 4, 9, 16 ]
 * ```
 */
export function range(end: number, options?: RangeOptions): Bag<number> {
  return new Bag(rangeExpr(end, options));
}

/**
 * The bag of the records in lists that delayed values give: those of each are one part. Other lazies and futures will do,
 * and other iterables than lists.
 * @example
 * ```ts
 * const load = delayed((year: number) => [`${year}-01`, `${year}-02`]);
 * console.log(await fromDelayed([2024, 2025].map((year) => load(year))).take(3)); // → [ '2024-01', '2024-02', '2025-01' ]
 * ```
 */
export function fromDelayed<T>(delayeds: Iterable<Lazy<Iterable<T>>>): Bag<T> {
  return new Bag(fromDelayedExpr(delayeds));
}

/**
 * The bag of the records that `call` makes of the first of all `items`, of the second, …: each call is one part. A
 * generator, also an async one, is read as its records are needed, and never held as a whole.
 * @example
 * ```ts
 * const pages = fromMap(function* (user: string, count: number) {
 *   for (let page = 1; page <= count; page++) yield `${user}/${page}`;
 * }, ["ada", "bob"], [1, 2]);
 * console.log(await pages.compute()); // → [ 'ada/1', 'bob/1', 'bob/2' ]
 * ```
 */
export function fromMap<A extends readonly unknown[], T>(
  call: (...values: A) => MadeRecords<T>,
  ...items: { readonly [K in keyof A]: Iterable<A[K]> }
): Bag<T> {
  return new Bag(fromMapExpr(call, items));
}

/**
 * The bag of the lines of text files: paths, `file:`, `s3:` or `https:` URLs, globs, or `s3:` prefixes that end in
 * `/`. Large files are cut into parts; packed files (`.gz`, `.zst`) are one part each. Missing local files are an error
 * here, those elsewhere when the work starts, and changed ones when they are read.
 * @example
 * ```ts
 * const lines = readText("words/*.txt", { blockBytes: "64 MiB" }).filter((line) => line.startsWith("to"));
 * console.log(await lines.compute()); // → [ 'to be or not', 'to be', 'to go' ]
 * for (const [line, path] of await readText("words/b.txt", { includePath: true }).compute()) {
 *   console.log(line, basename(path)); // → to go b.txt
 * }
 * ```
 */
export function readText(
  patterns: FilePatterns,
  options: ReadTextOptions & { readonly includePath: true },
): Bag<[line: string, path: string]>;
export function readText(
  patterns: FilePatterns,
  options?: ReadTextOptions & { readonly includePath?: false },
): Bag<string>;
export function readText(patterns: FilePatterns, options?: ReadTextOptions): Bag<never> {
  return new Bag(textExpr(patterns, options));
}

/**
 * The bag of what the lines of text files say as JSON, which is not checked against the type that you name. Empty
 * lines are left out; one that is no JSON is an error that names it. Files are named, cut and unpacked as by `readText`.
 * @example
 * ```ts
 * await fromSequence(['{"user":"Ada"}', '{"user":"Bob"}'], { partitions: 1 }).writeText("users-*.jsonl");
 * const users = readJsonLines<{ user: string }>("users-*.jsonl").map(({ user }) => user);
 * console.log(await users.compute()); // → [ 'Ada', 'Bob' ]
 * ```
 */
export function readJsonLines<T = unknown>(
  patterns: FilePatterns,
  options: ReadJsonLinesOptions<NoInfer<T>> & { readonly includePath: true },
): Bag<[record: T, path: string]>;
export function readJsonLines<T = unknown>(
  patterns: FilePatterns,
  options?: ReadJsonLinesOptions<NoInfer<T>> & { readonly includePath?: false },
): Bag<T>;
export function readJsonLines(
  patterns: FilePatterns,
  options?: ReadJsonLinesOptions<never>,
): Bag<never> {
  return new Bag(jsonLinesExpr(patterns, options));
}
