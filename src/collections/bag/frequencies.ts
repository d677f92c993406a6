import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { emitReduceTree } from "../../plan/reduce-tree.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** How often each record occurs: counted part by part, then summed in a tree. */
const frequenciesOperation: Operation = {
  name: "bag.frequencies",
  version: 1,
  lower: (expr, context) => {
    const partial = context.emit(
      eachPart(inputLayout(expr, context), {
        role: "partial",
        streams: false,
        label: "frequencies",
        memory: unprovenStream(),
        steps: [{ operation: "bag.count-keys", arguments: [{ input: 0 }] }],
      }),
    );
    return lowered(
      emitReduceTree(context, {
        input: partial,
        label: "frequencies",
        combine: { operation: "bag.merge-counts" },
        finish: { operation: "bag.count-pairs" },
        large: true,
      }),
    );
  },
};

/** The bag of `[record, count]` pairs, in order of first appearance, in one part. */
export function frequencies(bag: Expr): Expr {
  return bagExpr({ operation: frequenciesOperation, children: [bag], partitions: 1 });
}
