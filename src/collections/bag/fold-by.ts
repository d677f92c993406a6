import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { checkFold, checkFunction, type FoldOptions, type FoldStart } from "./fold-options.ts";
import { lowerTree } from "./tree.ts";

interface FoldByParams {
  readonly start: FoldStart;
  readonly fanIn?: number | undefined;
}

/** Records folded into one total per key: part by part, then combined in a tree. */
const foldByOperation: Operation<FoldByParams> = {
  name: "bag.fold-by",
  version: 2,
  lower: (expr, context) => {
    const { start, fanIn } = expr.params;
    return lowerTree(expr, context, {
      label: "foldBy",
      partial: { operation: "bag.fold-keys", functions: [0, 1], params: { start } },
      memory: unprovenStream(),
      combine: { operation: "bag.merge-folds", functions: [2] },
      finish: { operation: "bag.fold-pairs" },
      large: "yes",
      fanIn,
    });
  },
};

/** What `foldBy` takes besides the bag. */
export interface FoldByArguments {
  readonly key: (...values: never[]) => unknown;
  readonly binop: (...values: never[]) => unknown;
  readonly options?: FoldOptions<unknown> | undefined;
}

/** The bag of `[key, total]` pairs, in order of first appearance, in one part. */
export function foldBy(bag: Expr, { key, binop, options }: FoldByArguments): Expr {
  const where = "bag.foldBy";
  const keyOf = checkFunction(`${where}: key`, key);
  const { combine, start, fanIn } = checkFold(where, binop, options);
  return bagExpr({
    operation: foldByOperation,
    params: { start, ...(fanIn === undefined ? {} : { fanIn }) },
    children: [bag],
    functions: [
      capture(keyOf, { where: `${where}: key` }),
      capture(binop, { where: `${where}: binop` }),
      capture(combine, { where: `${where}: combine` }),
    ],
    partitions: 1,
  });
}
