import { present } from "../../base/assert.ts";
import { type ByteSize, parseByteSize } from "../../base/byte-size.ts";
import { checkOptions } from "../../base/check-options.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument, LambdaskError } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { type FoundFile, findFiles } from "../../formats/find-files.ts";
import { isGzipName } from "../../formats/gzip.ts";
import { blockCount } from "../../formats/text-blocks.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { isRemote, lookUp } from "./remote-files.ts";

/** How text is read. */
export interface ReadTextOptions {
  /** Bytes of a part. Default: 64 MiB. A gzip file is one part. */
  readonly blockBytes?: ByteSize;
  /** Only UTF-8 for now, which is the default. */
  readonly encoding?: "utf8";
}

interface TextParams {
  readonly inputs: readonly TextInput[];
  readonly blockBytes: number;
}

/** Files found at the call, or a pattern of files to be found when the work starts. */
type TextInput = { readonly files: readonly FoundFile[] } | { readonly pattern: string };

const where = "bag.readText";
const defaultBlockBytes = 64 * 2 ** 20;
const blocksMax = 4_000_000;

/** Lines of text files, block by block. */
const readTextOperation: Operation<TextParams> = {
  name: "bag.read-text",
  version: 1,
  lower: (expr, context) => {
    const { inputs, blockBytes } = expr.params;
    const patterns = inputs.flatMap((input) => ("pattern" in input ? [input.pattern] : []));
    const found = lookUp(context, patterns);
    if ("wait" in found) return { kind: "wait", stage: found.wait };
    const rest = found.files.values();
    const files = inputs.flatMap((input) =>
      "files" in input ? input.files : present(rest.next().value, "the files of a pattern"),
    );
    const readable = files.map((file) => context.readable(file));
    const own = [...blocksOf(readable, blockBytes)].map((block) => encodeValue(block));
    const versions = patterns.length === 0 ? {} : { files: nameOf(files) };
    return lowered(
      context.emit({
        role: "read",
        kind: "map",
        label: "readText",
        memory: streamMemory(0, { ends: false }),
        count: own.length,
        slots: [],
        steps: [{ operation: "text.read", arguments: [] }],
        own: packBytes(own),
        layout: { partitions: own.length, ...versions },
      }),
    );
  },
};

/** Lists of files so far: each program looks anew, and knows again what it found when it was killed and starts again. */
let lookUps = 0;

function* blocksOf(files: readonly FoundFile[], blockBytes: number): Generator<unknown> {
  checkBlocks(files, blockBytes);
  for (const file of files) {
    const count = blocksOfFile(file, blockBytes);
    for (let block = 0; block < count; block++) {
      const start = block * blockBytes;
      const end = count === 1 ? file.bytes : Math.min(start + blockBytes, file.bytes);
      yield { file, start, end };
    }
  }
}

/** How many parts the files make. */
function checkBlocks(files: readonly FoundFile[], blockBytes: number): number {
  const blocks = files.reduce((sum, file) => sum + blocksOfFile(file, blockBytes), 0);
  if (blocks <= blocksMax) return blocks;
  throw new LambdaskError("LIMIT", {
    message: `${where}: ${blocks} blocks of ${blockBytes} bytes, at most ${blocksMax}`,
    fix: "use larger blocks",
  });
}

function blocksOfFile(file: FoundFile, blockBytes: number): number {
  return isGzipName(file.url) ? 1 : blockCount(file.bytes, blockBytes);
}

/** The expression of the lines of all files that `patterns` stand for: local ones are looked up now. */
export function textExpr(
  patterns: string | URL | readonly (string | URL)[],
  options?: ReadTextOptions,
): Expr {
  const known = checkOptions(where, options, ["blockBytes", "encoding"]);
  const { blockBytes: size = defaultBlockBytes } = known;
  const encoding: string = known.encoding ?? "utf8";
  if (encoding !== "utf8") throw badArgument(`${where}: encoding`, '"utf8"', encoding);
  const list = typeof patterns === "string" || patterns instanceof URL ? [patterns] : patterns;
  const inputs = listOf(list).map(
    (pattern): TextInput =>
      isRemote(pattern) ? { pattern: String(pattern) } : { files: findFiles(where, [pattern]) },
  );
  const blockBytes = parseByteSize(size, `${where}: blockBytes`);
  const params: TextParams = { inputs, blockBytes };
  const local = inputs.flatMap((input) => ("files" in input ? input.files : []));
  const partitions = checkBlocks(local, blockBytes);
  if (inputs.every((input) => "files" in input)) {
    return bagExpr({ operation: readTextOperation, params, files: local, partitions });
  }
  lookUps += 1;
  return bagExpr({
    operation: readTextOperation,
    params,
    files: local,
    nonce: `look up ${lookUps}`,
  });
}

function listOf(patterns: readonly (string | URL)[]): readonly (string | URL)[] {
  if (Array.isArray(patterns) && patterns.length > 0) return patterns;
  throw badArgument(where, "a path or a non-empty array of paths", patterns);
}
