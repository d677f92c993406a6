import type { Expr } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** One item of every record, which is a list. */
const operation = partOperation<{ readonly item: number }>({
  name: "bag.unzip",
  label: "unzip",
  memory: streamMemory(1, { ends: false }),
});

/** The bag of the items at position `item` of all records. */
export function unzip(bag: Expr, item: number): Expr {
  return bagExpr({ operation, params: { item }, children: [bag], like: bag });
}
