import { nameOf } from "../../base/content-name.ts";
import { computeWork } from "../../client/compute.ts";
import { currentEngine } from "../../client/current.ts";
import { capture } from "../../code/capture.ts";
import { LeftFiles } from "../../formats/bring-home.ts";
import type { WritePattern } from "../../formats/success-list.ts";
import {
  checkedPartName,
  type PartName,
  type TextWriting,
  type WrittenFile,
} from "../../formats/written-text.ts";
import { type Expr, impureNonce, type Operation } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import type { LowerContext } from "../../plan/lower-context.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";
import { pathOfUrl } from "./path-of-url.ts";
import type { CheckedWrite } from "./write-options.ts";

/**
 * The list of an earlier result is taken away, then there is a file per part, then the list of them: whoever finds the
 * list finds all of one result.
 */
const writeTextOperation: Operation<TextWriting> = {
  name: "bag.write-text",
  version: 3,
  lower: (expr, context) => {
    const params = writingAt(expr.params, context);
    const label = labelOf(params);
    const input = inputLayout(expr, context);
    const functions = expr.functions.map((_, position) => position);
    const begin = { ...params, parts: input.count };
    const begun = context.emit({
      role: "begin",
      kind: "map",
      label: `${label}: begin`,
      count: 1,
      slots: [],
      steps: [{ operation: "text.write-begin", arguments: [], functions, params: begin }],
      layout: { partitions: 1 },
    });
    const isBegun = { stage: begun.stage, mapping: { kind: "all" } } as const;
    const written = context.emit(
      eachPart(input, {
        role: "write",
        label,
        // The second one is not read, only waited for.
        slots: [{ stage: input.stage, mapping: { kind: "one" } }, isBegun],
        memory: streamMemory(2, { ends: true }),
        streams: false,
        steps: [{ operation: "text.write", arguments: [{ input: 0 }], functions, params }],
      }),
    );
    return lowered(
      context.emit({
        role: "manifest",
        kind: "reduce",
        label: `${label}: manifest`,
        count: 1,
        slots: [{ stage: written.stage, mapping: { kind: "all" } }, isBegun],
        steps: [
          { operation: "text.write-manifest", arguments: [{ input: 0 }, { input: 1 }], params },
        ],
        functions: [],
        layout: { partitions: written.count },
      }),
    );
  },
};

function labelOf({ records }: TextWriting): string {
  return records === "json" ? "writeJsonLines" : "writeText";
}

/** Writes of this program so far: each is done anew, and known again when a killed program starts again. */
let writes = 0;

/**
 * The expression of files that are written. A task of it gets no backup: the slower of two would leave its temporary
 * file, or replace what was written later by somebody else.
 */
export function writeExpr(bag: Expr, writing: TextWriting, name?: PartName): Expr {
  writes += 1;
  const where = `bag.${labelOf(writing)}: name`;
  return bagExpr({
    operation: writeTextOperation,
    params: writing,
    children: [bag],
    functions: name === undefined ? [] : [capture(name, { where })],
    nonce: impureNonce(`write ${writes}`),
  });
}

/** Writes a bag, one line per record, and gives the paths of the files in order of part, of objects their URLs. */
export async function writeFiles(
  bag: Expr,
  { writing, name, options }: CheckedWrite,
): Promise<string[]> {
  const expr = writeExpr(bag, writing, name);
  const engine = currentEngine();
  // If there is none, computing says so.
  engine.catch(() => undefined);
  let left: LeftFiles | undefined;
  const assemble = async ([list]: readonly unknown[]): Promise<readonly WrittenFile[]> => {
    const files = list as readonly WrittenFile[]; // What `text.write-manifest` gives.
    const folder = folderElsewhere(files, writing);
    if (folder === undefined) return files;
    const { sources } = (await engine).backend;
    const partName = name && ((partition: number) => checkedPartName(writing, name, partition));
    left = new LeftFiles(sources, { home: writing, folder, nameOf: partName }, files);
    return await left.bring();
  };
  const work = { expr, indexes: allIndexes, assemble };
  const files = await computeWork(work, options, `bag.${labelOf(writing)}`);
  // The files are at home: what stays elsewhere goes by itself.
  await left?.forget().catch(() => undefined);
  return files.map(({ url }) => pathOfUrl(url));
}

/** Where workers write to: of files of a machine that they do not see, a folder elsewhere. */
function writingAt(writing: TextWriting, { outputs }: LowerContext): TextWriting {
  if (outputs === undefined || !writing.prefix.startsWith("file:")) return writing;
  const { prefix, suffix } = writing;
  return { ...writing, prefix: `${outputs}${nameOf({ prefix, suffix })}/` };
}

/** Where workers have left files that belong to this machine. */
function folderElsewhere(
  [file]: readonly WrittenFile[],
  { prefix }: WritePattern,
): string | undefined {
  if (file === undefined || file.url.startsWith(prefix)) return undefined;
  return file.url.slice(0, file.url.lastIndexOf("/") + 1);
}
