import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { computeWork } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import { currentEngine } from "../../client/current.ts";
import { LeftFiles } from "../../formats/bring-home.ts";
import type { WritePattern, WrittenFile } from "../../formats/written-text.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import type { LowerContext } from "../../plan/lower-context.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/**
 * The list of an earlier result is taken away, then there is a file per part, then the list of them: whoever finds the
 * list finds all of one result.
 */
export const writeTextOperation: Operation<WritePattern> = {
  name: "bag.write-text",
  version: 2,
  lower: (expr, context) => {
    const params = patternAt(expr.params, context);
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
  const engine = currentEngine();
  // If there is none, computing says so.
  engine.catch(() => undefined);
  let left: LeftFiles | undefined;
  const assemble = async ([list]: readonly unknown[]): Promise<readonly WrittenFile[]> => {
    const files = list as readonly WrittenFile[]; // What `text.write-manifest` gives.
    const folder = folderElsewhere(files, params);
    if (folder === undefined) return files;
    const { sources } = (await engine).backend;
    left = new LeftFiles(sources, { home: params, folder }, files);
    return await left.bring();
  };
  const work = { expr, indexes: allIndexes, assemble };
  const files = await computeWork(work, options, "bag.writeText");
  // The files are at home: what stays elsewhere goes by itself.
  await left?.forget().catch(() => undefined);
  return files.map(({ url }) => (url.startsWith("file:") ? fileURLToPath(url) : url));
}

/** The pattern that workers write to: of files of a machine that they do not see, one in a folder elsewhere. */
function patternAt(pattern: WritePattern, { outputs }: LowerContext): WritePattern {
  if (outputs === undefined || !pattern.prefix.startsWith("file:")) return pattern;
  return { prefix: `${outputs}${nameOf(pattern)}/`, suffix: pattern.suffix };
}

/** Where workers have left files that belong to this machine. */
function folderElsewhere(
  [file]: readonly WrittenFile[],
  { prefix }: WritePattern,
): string | undefined {
  if (file === undefined || file.url.startsWith(prefix)) return undefined;
  return file.url.slice(0, file.url.lastIndexOf("/") + 1);
}

function checkPattern(pattern: string | URL): WritePattern {
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
