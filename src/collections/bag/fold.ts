import { checkOptions } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { checkFold, checkFunction, type FoldOptions, type FoldStart } from "./fold-options.ts";
import { checkFanIn, lowerTree } from "./tree.ts";

interface FoldParams {
  readonly start: FoldStart;
  readonly fanIn: number | undefined;
}

/** Records folded into one total: part by part, then combined in a tree. */
const foldOperation: Operation<FoldParams> = {
  name: "bag.fold",
  version: 1,
  lower: (expr, context) => {
    const { start, fanIn } = expr.params;
    return lowerTree(expr, context, {
      label: "fold",
      partial: { operation: "bag.fold", functions: [0], params: { start } },
      memory: unprovenStream(),
      combine: { operation: "bag.combine-totals", functions: [1] },
      finish: { operation: "bag.folded-value", params: { start } },
      large: "maybe",
      fanIn,
    });
  },
};

/** The total of a bag's records. */
export function fold(
  bag: Expr,
  binop: (...values: never[]) => unknown,
  options: FoldOptions<unknown> | undefined,
): Expr {
  const { combine, start, fanIn } = checkFold("bag.fold", binop, options);
  return bagExpr({
    operation: foldOperation,
    params: { start, fanIn },
    children: [bag],
    functions: [
      capture(binop, { where: "bag.fold: binop" }),
      capture(combine, { where: "bag.fold: combine" }),
    ],
  });
}

/** How a reduction is combined. */
export interface ReductionOptions {
  /** Results that one call of `aggregate` takes at the most, at least 2. Left out: 16. */
  readonly fanIn?: number;
}

interface ReductionParams {
  readonly fanIn: number | undefined;
}

/** What a function makes of each part, put together by another one in a tree. */
const reductionOperation: Operation<ReductionParams> = {
  name: "bag.reduction",
  version: 1,
  lower: (expr, context) =>
    lowerTree(expr, context, {
      label: "reduction",
      partial: { operation: "bag.reduce-part", functions: [0] },
      memory: unprovenStream(),
      combine: { operation: "bag.aggregate", functions: [1] },
      finish: { operation: "bag.reduced-value", functions: [0, 1] },
      large: "maybe",
      fanIn: expr.params.fanIn,
    }),
};

/** What `reduction` takes besides the bag. */
export interface ReductionArguments {
  readonly perPartition: (...values: never[]) => unknown;
  readonly aggregate: (...values: never[]) => unknown;
  readonly options?: ReductionOptions | undefined;
}

/** What `aggregate` makes of what `perPartition` makes of each part. */
export function reduction(bag: Expr, given: ReductionArguments): Expr {
  const where = "bag.reduction";
  const { fanIn } = checkOptions(where, given.options, ["fanIn"]);
  const functions = (["perPartition", "aggregate"] as const).map((name) => {
    const whose = `${where}: ${name}`;
    return capture(checkFunction(whose, given[name]), { where: whose });
  });
  const params = { fanIn: checkFanIn(where, fanIn) };
  return bagExpr({ operation: reductionOperation, params, children: [bag], functions });
}
