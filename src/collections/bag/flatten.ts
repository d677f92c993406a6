import type { Expr } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** The items of a bag's records. */
const flattenOperation = partOperation<undefined>({
  name: "bag.flatten",
  label: "flatten",
  memory: streamMemory(1, { ends: false }),
});

/** The bag of the items of every record. */
export function flatten(bag: Expr): Expr {
  return bagExpr({ operation: flattenOperation, params: undefined, children: [bag], like: bag });
}
