import { wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";
import { emitTree } from "./tree.ts";

interface TopParams {
  readonly count: number;
}

/** The records that rank highest: of each part, then of all in a tree. */
export const topkOperation: Operation<TopParams> = {
  name: "bag.topk",
  version: 1,
  lower: (expr, context) => {
    const { count } = expr.params;
    const functions = expr.functions.map((_, position) => position);
    const partial = context.emit(
      eachPart(inputLayout(expr, context), {
        role: "partial",
        streams: false,
        label: "topk",
        steps: [{ operation: "bag.top", arguments: [{ input: 0 }], functions, params: { count } }],
      }),
    );
    return lowered(
      emitTree(context, partial, {
        label: "topk",
        merge: { operation: "bag.merge-top", params: { count } },
        finish: { operation: "bag.top-records" },
        large: false,
      }),
    );
  },
};

/** The bag of the `count` records with the highest keys, best first, in one part. */
export function topk(
  bag: Expr,
  count: number,
  key: ((...records: never[]) => unknown) | undefined,
): Expr {
  wholeNumber("bag.topk: k", count, { min: 1 });
  return bagExpr({
    operation: topkOperation,
    params: { count },
    children: [bag],
    functions: key === undefined ? [] : [capture(key, { where: "bag.topk: key" })],
    partitions: 1,
  });
}
