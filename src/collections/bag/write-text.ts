import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { badArgument } from "../../base/errors.ts";
import { computeWork } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** A pattern of file names around the number of the part, as URLs. */
interface WriteParams {
  readonly prefix: string;
  readonly suffix: string;
}

/**
 * The list of an earlier result is taken away, then there is a file per part, then the list of them: whoever finds the
 * list finds all of one result.
 */
export const writeTextOperation: Operation<WriteParams> = {
  name: "bag.write-text",
  version: 2,
  lower: (expr, context) => {
    const { params } = expr;
    const begun = context.emit({
      role: "begin",
      kind: "map",
      label: "writeText: begin",
      count: 1,
      slots: [],
      steps: [{ operation: "text.write-begin", arguments: [], params }],
      layout: { partitions: 1 },
    });
    const isBegun = { stage: begun.stage, mapping: { kind: "all" } } as const;
    const input = inputLayout(expr, context);
    const written = context.emit(
      eachPart(input, {
        role: "write",
        label: "writeText",
        // The second one is not read, only waited for.
        slots: [{ stage: input.stage, mapping: { kind: "one" } }, isBegun],
        memory: streamMemory(2, { ends: true }),
        streams: false,
        steps: [{ operation: "text.write", arguments: [{ input: 0 }], params }],
      }),
    );
    return lowered(
      context.emit({
        role: "manifest",
        kind: "reduce",
        label: "writeText: manifest",
        count: 1,
        slots: [{ stage: written.stage, mapping: { kind: "all" } }, isBegun],
        steps: [
          { operation: "text.write-manifest", arguments: [{ input: 0 }, { input: 1 }], params },
        ],
        layout: { partitions: written.count },
      }),
    );
  },
};

/** Writes of this program so far: each is done anew, and known again when a killed program starts again. */
let writes = 0;

/** Writes a bag of texts, one line per record, and gives the paths of the files in order of part, of objects their URLs. */
export async function writeText(
  bag: Expr,
  pattern: string | URL,
  options?: ComputeOptions,
): Promise<string[]> {
  const params = checkPattern(pattern);
  writes += 1;
  const expr = bagExpr({
    operation: writeTextOperation,
    params,
    children: [bag],
    nonce: `write ${writes}`,
  });
  const assemble = ([files]: readonly unknown[]): string[] =>
    (files as readonly { readonly url: string }[]).map(({ url }) =>
      url.startsWith("file:") ? fileURLToPath(url) : url,
    );
  return computeWork({ expr, indexes: allIndexes, assemble }, options, "bag.writeText");
}

function checkPattern(pattern: string | URL): WriteParams {
  const where = "bag.writeText: pattern";
  const expected = 'a path whose file name has one "*" for the number of the part';
  const text = pattern instanceof URL ? pattern.href : pattern;
  if (typeof text !== "string") throw badArgument(where, expected, pattern);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && scheme !== "file" && scheme !== "s3") {
    throw badArgument(where, "a local path, or a URL with file: or s3:", text);
  }
  const isUrl = scheme === "s3" || text.startsWith("file:");
  const url = isUrl ? text : pathToFileURL(path.resolve(text)).href;
  const [prefix, suffix, more] = url.split("*");
  if (prefix === undefined || suffix === undefined || more !== undefined || suffix.includes("/")) {
    throw badArgument(where, expected, text);
  }
  return { prefix, suffix };
}
