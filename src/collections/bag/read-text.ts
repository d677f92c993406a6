import { present } from "../../base/assert.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { type FoundFile, findFiles } from "../../formats/find-files.ts";
import type { TextReading } from "../../formats/text-part.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory, unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import {
  type CheckedRead,
  checkReadJsonLines,
  checkReadText,
  type ReadJsonLinesOptions,
  type ReadTextOptions,
} from "./read-options.ts";
import { isRemote, lookUp } from "./remote-files.ts";
import { countParts, textParts } from "./text-parts.ts";

interface TextParams extends Omit<CheckedRead, "ask"> {
  readonly inputs: readonly TextInput[];
}

/** Files found at the call, or a pattern of files to be found when the work starts. */
type TextInput = { readonly files: readonly FoundFile[] } | { readonly pattern: string };

/** Records of text files, block by block. */
const readTextOperation: Operation<TextParams> = {
  name: "bag.read-text",
  version: 2,
  lower: (expr, context) => {
    const { inputs, cut, reading, withPaths } = expr.params;
    const label = labelOf(reading);
    const asks = expr.functions.length > 0;
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
        memory: asks ? { ...unprovenStream(), inputs: [] } : streamMemory(0, { ends: false }),
        count,
        slots: [],
        steps: [
          {
            operation: "text.read",
            arguments: [],
            params: { ...reading, withPaths },
            ...(asks ? { functions: [0] } : {}),
          },
        ],
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
  return filesExpr("bag.readText", patterns, checkReadText(options));
}

/** The expression of what the lines of files say as JSON. */
export function jsonLinesExpr<T>(patterns: FilePatterns, options?: ReadJsonLinesOptions<T>): Expr {
  return filesExpr("bag.readJsonLines", patterns, checkReadJsonLines(options));
}

function filesExpr(where: string, patterns: FilePatterns, { ask, ...how }: CheckedRead): Expr {
  const inputs = listOf(where, patterns).map(
    (pattern): TextInput =>
      isRemote(pattern) ? { pattern: String(pattern) } : { files: findFiles(where, [pattern]) },
  );
  const params: TextParams = { inputs, ...how };
  const local = inputs.flatMap((input) => ("files" in input ? input.files : []));
  const partitions = countParts(where, local, how.cut);
  const functions = ask === undefined ? [] : [ask];
  const read = { operation: readTextOperation, params, functions, files: local };
  if (inputs.every((input) => "files" in input)) return bagExpr({ ...read, partitions });
  lookUps += 1;
  return bagExpr({ ...read, nonce: `look up ${lookUps}` });
}

function listOf(where: string, patterns: FilePatterns): readonly (string | URL)[] {
  const list = typeof patterns === "string" || patterns instanceof URL ? [patterns] : patterns;
  if (Array.isArray(list) && list.length > 0) return list;
  throw badArgument(where, "a path or a non-empty array of paths", list);
}
