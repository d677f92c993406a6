import { type ByteSize, parseByteSize } from "../../base/byte-size.ts";
import { checkOptions } from "../../base/check-options.ts";
import { badArgument, LambdaskError } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { findFiles } from "../../formats/find-files.ts";
import { isGzipName } from "../../formats/gzip.ts";
import { blockCount } from "../../formats/text-blocks.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { bagExpr, lowered } from "./bag-expr.ts";

/** How text is read. */
export interface ReadTextOptions {
  /** Bytes of a part. Default: 64 MiB. A gzip file is one part. */
  readonly blockBytes?: ByteSize;
  /** Only UTF-8 for now, which is the default. */
  readonly encoding?: "utf8";
}

interface TextParams {
  readonly files: ReturnType<typeof findFiles>;
  readonly blockBytes: number;
}

const where = "bag.readText";
const defaultBlockBytes = 64 * 2 ** 20;
const blocksMax = 4_000_000;

/** Lines of text files, block by block. */
const readTextOperation: Operation<TextParams> = {
  name: "bag.read-text",
  version: 1,
  lower: (expr, context) => {
    const own = [...blocksOf(expr.params)].map((block) => encodeValue(block));
    return lowered(
      context.emit({
        role: "read",
        kind: "map",
        label: "readText",
        count: own.length,
        slots: [],
        steps: [{ operation: "text.read", arguments: [] }],
        own: packBytes(own),
        layout: { partitions: own.length },
      }),
    );
  },
};

function* blocksOf({ files, blockBytes }: TextParams): Generator<unknown> {
  for (const file of files) {
    const count = blocksOfFile(file, blockBytes);
    for (let block = 0; block < count; block++) {
      const start = block * blockBytes;
      const end = count === 1 ? file.bytes : Math.min(start + blockBytes, file.bytes);
      yield { file, start, end };
    }
  }
}

function blocksOfFile(file: TextParams["files"][number], blockBytes: number): number {
  return isGzipName(file.url) ? 1 : blockCount(file.bytes, blockBytes);
}

/** The expression of the lines of all files that `patterns` match now. */
export function textExpr(
  patterns: string | URL | readonly (string | URL)[],
  options?: ReadTextOptions,
): Expr {
  const known = checkOptions(where, options, ["blockBytes", "encoding"]);
  const { blockBytes = defaultBlockBytes } = known;
  const encoding: string = known.encoding ?? "utf8";
  if (encoding !== "utf8") throw badArgument(`${where}: encoding`, '"utf8"', encoding);
  const params: TextParams = {
    files: findFiles(
      where,
      typeof patterns === "string" || patterns instanceof URL ? [patterns] : listOf(patterns),
    ),
    blockBytes: parseByteSize(blockBytes, `${where}: blockBytes`),
  };
  const partitions = params.files.reduce(
    (sum, file) => sum + blocksOfFile(file, params.blockBytes),
    0,
  );
  if (partitions > blocksMax) {
    throw new LambdaskError("LIMIT", {
      message: `${where}: ${partitions} blocks of ${params.blockBytes} bytes, at most ${blocksMax}`,
      fix: "use larger blocks",
    });
  }
  return bagExpr({ operation: readTextOperation, params, partitions });
}

function listOf(patterns: readonly (string | URL)[]): readonly (string | URL)[] {
  if (Array.isArray(patterns) && patterns.length > 0) return patterns;
  throw badArgument(where, "a path or a non-empty array of paths", patterns);
}
