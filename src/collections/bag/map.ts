import { capture } from "../../code/capture.ts";
import type { Expr } from "../../plan/expr.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** The records of a bag, each put through a function. */
const mapOperation = partOperation<undefined>({ name: "bag.map", label: "map" });

/** The bag of `call`'s results. */
export function map(bag: Expr, call: (...values: never[]) => unknown): Expr {
  return bagExpr({
    operation: mapOperation,
    params: undefined,
    children: [bag],
    functions: [capture(call, { where: "bag.map" })],
    like: bag,
  });
}
