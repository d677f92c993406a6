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

/** A bag for each of more items would take seconds to make, and a count by mistake all memory. */
export const unzippedMax = 100_000;

/** The bag of the items at position `item` of all records. */
export function unzip(bag: Expr, item: number): Expr {
  return bagExpr({ operation, params: { item }, children: [bag], like: bag });
}
