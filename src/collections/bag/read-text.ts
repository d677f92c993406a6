import { present } from "../../base/assert.ts";
import { type ByteSize, parseByteSize } from "../../base/byte-size.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { type FoundFile, findFiles } from "../../formats/find-files.ts";
import type { Packing } from "../../formats/packing.ts";
import { type TextEncoding, textEncoding } from "../../formats/text-encoding.ts";
import { delimiterCharsMax } from "../../formats/text-form.ts";
import type { TextReading } from "../../formats/text-part.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { isRemote, lookUp } from "./remote-files.ts";
import { countParts, type TextCut, textParts } from "./text-parts.ts";

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
export interface ReadJsonLinesOptions extends TextFilesOptions {
  /** What becomes of a line that is no JSON. Default: `"fail"`, an error that names the file and the line. */
  readonly onBadLine?: "fail" | "skip";
}

interface TextParams {
  readonly inputs: readonly TextInput[];
  readonly cut: TextCut;
  readonly reading: TextReading;
  readonly withPaths: boolean;
}

/** Files found at the call, or a pattern of files to be found when the work starts. */
type TextInput = { readonly files: readonly FoundFile[] } | { readonly pattern: string };

const defaultBlockBytes = 64 * 2 ** 20;

const fileOptions = [
  "blockBytes",
  "filesPerPartition",
  "encoding",
  "compression",
  "includePath",
] as const;

/** Records of text files, block by block. */
const readTextOperation: Operation<TextParams> = {
  name: "bag.read-text",
  version: 2,
  lower: (expr, context) => {
    const { inputs, cut, reading, withPaths } = expr.params;
    const label = labelOf(reading);
    const patterns = inputs.flatMap((input) => ("pattern" in input ? [input.pattern] : []));
    const found = lookUp(context, patterns, label);
    if ("wait" in found) return { kind: "wait", stage: found.wait };
    const rest = found.files.values();
    const files = inputs.flatMap((input) =>
      "files" in input ? input.files : present(rest.next().value, "the files of a pattern"),
    );
    const count = countParts(`bag.${label}`, files, cut);
    const readable = (file: FoundFile): FoundFile => context.readable(file);
    const own = [...textParts(files, cut, { readable, withPaths })].map((part) =>
      encodeValue(part),
    );
    const versions = patterns.length === 0 ? {} : { files: nameOf(files) };
    return lowered(
      context.emit({
        role: "read",
        kind: "map",
        label,
        memory: streamMemory(0, { ends: false }),
        count,
        slots: [],
        steps: [{ operation: "text.read", arguments: [], params: { ...reading, withPaths } }],
        own: packBytes(own),
        layout: { partitions: count, ...versions },
      }),
    );
  },
};

function labelOf({ records }: TextReading): string {
  return records === "json" ? "readJsonLines" : "readText";
}

/** Lists of files so far: each program looks anew, and knows again what it found when it was killed and starts again. */
let lookUps = 0;

/** What users name files with. */
export type FilePatterns = string | URL | readonly (string | URL)[];

/** The expression of the lines of all files that `patterns` stand for: local ones are looked up now. */
export function textExpr(patterns: FilePatterns, options?: ReadTextOptions): Expr {
  const where = "bag.readText";
  const known = checkOptions(where, options, [...fileOptions, "delimiter"]);
  const encoding = checkEncoding(where, known.encoding);
  const { delimiter } = known;
  if (delimiter !== undefined) checkDelimiter(where, delimiter, encoding);
  const reading: TextReading = {
    encoding: encoding.name,
    ...(delimiter === undefined ? {} : { delimiter }),
    records: "text",
    onBadLine: "fail",
  };
  return filesExpr(where, patterns, { ...checkFiles(where, known, encoding), reading });
}

/** The expression of what the lines of files say as JSON. */
export function jsonLinesExpr(patterns: FilePatterns, options?: ReadJsonLinesOptions): Expr {
  const where = "bag.readJsonLines";
  const known = checkOptions(where, options, [...fileOptions, "onBadLine"]);
  const encoding = checkEncoding(where, known.encoding);
  const onBadLine: string = known.onBadLine ?? "fail";
  if (onBadLine !== "fail" && onBadLine !== "skip") {
    throw badArgument(`${where}: onBadLine`, '"fail" or "skip"', onBadLine);
  }
  const reading: TextReading = { encoding: encoding.name, records: "json", onBadLine };
  return filesExpr(where, patterns, { ...checkFiles(where, known, encoding), reading });
}

function filesExpr(where: string, patterns: FilePatterns, how: Omit<TextParams, "inputs">): Expr {
  const inputs = listOf(where, patterns).map(
    (pattern): TextInput =>
      isRemote(pattern) ? { pattern: String(pattern) } : { files: findFiles(where, [pattern]) },
  );
  const params: TextParams = { inputs, ...how };
  const local = inputs.flatMap((input) => ("files" in input ? input.files : []));
  const partitions = countParts(where, local, how.cut);
  if (inputs.every((input) => "files" in input)) {
    return bagExpr({ operation: readTextOperation, params, files: local, partitions });
  }
  lookUps += 1;
  const nonce = `look up ${lookUps}`;
  return bagExpr({ operation: readTextOperation, params, files: local, nonce });
}

function listOf(where: string, patterns: FilePatterns): readonly (string | URL)[] {
  const list = typeof patterns === "string" || patterns instanceof URL ? [patterns] : patterns;
  if (Array.isArray(list) && list.length > 0) return list;
  throw badArgument(where, "a path or a non-empty array of paths", list);
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
