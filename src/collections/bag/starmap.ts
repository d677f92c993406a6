import { capture } from "../../code/capture.ts";
import type { Expr } from "../../plan/expr.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

/** The records of a bag, which are lists, each put through a function as its arguments. */
const operation = partOperation<undefined>({ name: "bag.starmap", label: "starmap" });

/** The bag of `call(...record)`. */
export function starmap(bag: Expr, call: (...values: never[]) => unknown): Expr {
  const functions = [capture(call, { where: "bag.starmap" })];
  return bagExpr({ operation, params: undefined, children: [bag], functions, like: bag });
}
