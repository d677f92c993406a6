import { capture } from "../../code/capture.ts";
import type { Expr } from "../../plan/expr.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** The records of a bag that a function says no to. */
const operation = partOperation<undefined>({ name: "bag.remove", label: "remove" });

/** The bag of the records for which `call` answers something falsy. */
export function remove(bag: Expr, call: (record: never) => unknown): Expr {
  const functions = [capture(call, { where: "bag.remove" })];
  return bagExpr({ operation, params: undefined, children: [bag], functions, like: bag });
}
