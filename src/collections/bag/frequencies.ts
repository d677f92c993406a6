import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { lowerTree } from "./tree.ts";

/** How often each record occurs: counted part by part, then summed in a tree. */
const frequenciesOperation: Operation = {
  name: "bag.frequencies",
  version: 2,
  lower: (expr, context) =>
    lowerTree(expr, context, {
      label: "frequencies",
      partial: { operation: "bag.count-keys" },
      memory: unprovenStream(),
      combine: { operation: "bag.merge-counts" },
      finish: { operation: "bag.count-pairs" },
      large: "yes",
    }),
};

/** The bag of `[record, count]` pairs, in order of first appearance, in one part. */
export function frequencies(bag: Expr): Expr {
  return bagExpr({ operation: frequenciesOperation, children: [bag], partitions: 1 });
}
