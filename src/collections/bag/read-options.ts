import { type ByteSize, parseByteSize } from "../../base/byte-size.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { capture } from "../../code/capture.ts";
import type { BadLine as FoundBadLine } from "../../formats/bad-line.ts";
import type { Packing } from "../../formats/packing.ts";
import { type TextEncoding, textEncoding } from "../../formats/text-encoding.ts";
import { delimiterCharsMax } from "../../formats/text-form.ts";
import type { TextReading } from "../../formats/text-part.ts";
import type { TextCut } from "./text-parts.ts";

/** A line that is no JSON: its text, what is wrong with it, and where it is. */
export type BadLine = FoundBadLine;

/** How files of text become the parts of a bag. */
export interface TextFilesOptions {
  /** Bytes of a part. Default: 64 MiB. A packed file is one part, whatever its size. */
  readonly blockBytes?: ByteSize;
  /** So many whole files make a part, instead of blocks. */
  readonly filesPerPartition?: number;
  /** Any encoding that `TextDecoder` knows. Default: `"utf-8"`. */
  readonly encoding?: string;
  /** How all files are packed. Default: as each name says, `.gz` and `.zst`. */
  readonly compression?: "gzip" | "zstd" | "none";
  /** Records are pairs with the path of their file, of files elsewhere its URL. Default: false. */
  readonly includePath?: boolean;
}

/** How text is read. */
export interface ReadTextOptions extends TextFilesOptions {
  /** What ends a record, exactly. Default: `"\n"` or `"\r\n"`. */
  readonly delimiter?: string;
}

/** How JSON lines are read. */
export interface ReadJsonLinesOptions<T = unknown> extends TextFilesOptions {
  /**
   * What becomes of a line that is no JSON. Default: `"fail"`, an error that names the file and the line. `"skip"` leaves
   * it out; each task logs under the topic `"bad lines"` how many it has left out. A function, which runs in tasks, gives a
   * record in its place, or `undefined` for none.
   */
  readonly onBadLine?:
    | "fail"
    | "skip"
    | ((line: BadLine) => T | undefined | Promise<T | undefined>);
}

/** What a call that reads text was given, checked. */
export interface CheckedRead {
  readonly cut: TextCut;
  readonly reading: TextReading;
  /** Whether records name their file. */
  readonly withPaths: boolean;
  /** Says what becomes of bad lines. */
  readonly ask?: ReturnType<typeof capture>;
}

const defaultBlockBytes = 64 * 2 ** 20;

const fileOptions = [
  "blockBytes",
  "filesPerPartition",
  "encoding",
  "compression",
  "includePath",
] as const;

/** What `readText` was given. */
export function checkReadText(options?: ReadTextOptions): CheckedRead {
  const where = "bag.readText";
  const known = checkOptions(where, options, [...fileOptions, "delimiter"]);
  const encoding = checkEncoding(where, known.encoding);
  const { delimiter } = known;
  if (delimiter !== undefined) checkDelimiter(where, delimiter, encoding);
  const ends = delimiter === undefined ? {} : { delimiter };
  const reading = { encoding: encoding.name, ...ends, records: "text", onBadLine: "fail" } as const;
  return { ...checkFiles(where, known, encoding), reading };
}

/** What `readJsonLines` was given. */
export function checkReadJsonLines(options?: ReadJsonLinesOptions): CheckedRead {
  const where = "bag.readJsonLines";
  const known = checkOptions(where, options, [...fileOptions, "onBadLine"]);
  const encoding = checkEncoding(where, known.encoding);
  const { onBadLine = "fail" } = known;
  const files = checkFiles(where, known, encoding);
  const reading = { encoding: encoding.name, records: "json" } as const;
  if (typeof onBadLine === "function") {
    const ask = capture(onBadLine, { where: `${where}: onBadLine` });
    return { ...files, reading: { ...reading, onBadLine: "call" }, ask };
  }
  if (!["fail", "skip"].includes(onBadLine)) {
    throw badArgument(`${where}: onBadLine`, '"fail", "skip" or a function', onBadLine);
  }
  return { ...files, reading: { ...reading, onBadLine } };
}

function checkFiles(
  where: string,
  options: TextFilesOptions,
  { splits }: TextEncoding,
): { readonly cut: TextCut; readonly withPaths: boolean } {
  const { blockBytes, filesPerPartition, compression, includePath = false } = options;
  if (blockBytes !== undefined && filesPerPartition !== undefined) {
    throw badArgument(where, "blockBytes or filesPerPartition, not both", options);
  }
  if (typeof includePath !== "boolean") {
    throw badArgument(`${where}: includePath`, "true or false", includePath);
  }
  const per =
    filesPerPartition === undefined
      ? { blockBytes: parseByteSize(blockBytes ?? defaultBlockBytes, `${where}: blockBytes`) }
      : { files: wholeNumber(`${where}: filesPerPartition`, filesPerPartition, { min: 1 }) };
  const packing = compression === undefined ? {} : { packing: checkPacking(where, compression) };
  return { cut: { per, splits, ...packing }, withPaths: includePath };
}

function checkPacking(where: string, compression: string): Packing {
  if (compression === "gzip" || compression === "zstd" || compression === "none") {
    return compression;
  }
  throw badArgument(`${where}: compression`, '"gzip", "zstd" or "none"', compression);
}

function checkEncoding(where: string, name: unknown = "utf-8"): TextEncoding {
  const encoding = typeof name === "string" ? textEncoding(name) : undefined;
  if (encoding !== undefined) return encoding;
  const expected = 'a name that TextDecoder knows, such as "utf-8", "utf-16le" or "latin1"';
  throw badArgument(`${where}: encoding`, expected, name);
}

/** A mark that texts begin with is no part of them, and so no delimiter. */
const mark = "\ufeff";

function checkDelimiter(where: string, delimiter: unknown, encoding: TextEncoding): void {
  const expected = `a text of 1 to ${delimiterCharsMax} characters that ${encoding.name} has`;
  const isText = typeof delimiter === "string" && delimiter !== "" && !delimiter.includes(mark);
  if (!isText || delimiter.length > delimiterCharsMax || !hasAll(encoding, delimiter)) {
    throw badArgument(`${where}: delimiter`, expected, delimiter);
  }
}

/** Whether a text of the encoding may hold it. */
function hasAll(encoding: TextEncoding, delimiter: string): boolean {
  return encoding.splits ? encoding.encode(delimiter) !== undefined : delimiter.isWellFormed();
}
