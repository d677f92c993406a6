import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** The items of a bag's records. */
const flattenOperation: Operation = {
  name: "bag.flatten",
  version: 1,
  lower: (expr, context) =>
    lowered(
      context.emit(
        eachPart(inputLayout(expr, context), {
          role: "flatten",
          label: "flatten",
          memory: streamMemory(1, { ends: false }),
          steps: [{ operation: "bag.flatten", arguments: [{ input: 0 }] }],
        }),
      ),
    ),
};

/** The bag of the items of every record. */
export function flatten(bag: Expr): Expr {
  return bagExpr({ operation: flattenOperation, children: [bag], like: bag });
}
