import { checkOptions } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { lowerTree } from "./tree.ts";

/** The first record of each kind: of each part, then of all in a tree. */
const distinctOperation: Operation = {
  name: "bag.distinct",
  version: 2,
  lower: (expr, context) =>
    lowerTree(expr, context, {
      label: "distinct",
      partial: {
        operation: "bag.distinct",
        functions: expr.functions.map((_, position) => position),
      },
      memory: unprovenStream(),
      combine: { operation: "bag.merge-distinct" },
      finish: { operation: "bag.distinct-records" },
      large: "yes",
    }),
};

/** When two records count as one. */
export interface DistinctOptions<T> {
  /** What is compared. Left out: the record itself. */
  readonly key?: (record: T) => unknown;
}

/** The bag of the first record of each kind, in order, in one part. */
export function distinct<T>(bag: Expr, options?: DistinctOptions<T>): Expr {
  const { key } = checkOptions("bag.distinct", options, ["key"]);
  return bagExpr({
    operation: distinctOperation,
    children: [bag],
    functions: key === undefined ? [] : [capture(key, { where: "bag.distinct: key" })],
    partitions: 1,
  });
}
