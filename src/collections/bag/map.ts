import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** The records of a bag, each put through a function. */
const mapOperation: Operation = {
  name: "bag.map",
  version: 1,
  lower: (expr, context) =>
    lowered(
      context.emit(
        eachPart(inputLayout(expr, context), {
          role: "map",
          label: "map",
          memory: unprovenStream(),
          steps: [{ operation: "bag.map", arguments: [{ input: 0 }], functions: [0] }],
        }),
      ),
    ),
};

/** The bag of `call`'s results. */
export function map(bag: Expr, call: (...values: never[]) => unknown): Expr {
  return bagExpr({
    operation: mapOperation,
    children: [bag],
    functions: [capture(call, { where: "bag.map" })],
    like: bag,
  });
}
