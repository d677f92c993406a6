import { capture } from "../../code/capture.ts";
import type { Expr } from "../../plan/expr.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** The records of a bag that a function says yes to. */
const filterOperation = partOperation<undefined>({ name: "bag.filter", label: "filter" });

/** The bag of the records for which `call` answers something truthy. */
export function filter(bag: Expr, call: (record: never) => unknown): Expr {
  return bagExpr({
    operation: filterOperation,
    params: undefined,
    children: [bag],
    functions: [capture(call, { where: "bag.filter" })],
    like: bag,
  });
}
