import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** The records of a bag that a function says yes to. */
const filterOperation: Operation = {
  name: "bag.filter",
  version: 1,
  lower: (expr, context) =>
    lowered(
      context.emit(
        eachPart(inputLayout(expr, context), {
          role: "filter",
          label: "filter",
          memory: unprovenStream(),
          steps: [{ operation: "bag.filter", arguments: [{ input: 0 }], functions: [0] }],
        }),
      ),
    ),
};

/** The bag of the records for which `call` answers something truthy. */
export function filter(bag: Expr, call: (record: never) => unknown): Expr {
  return bagExpr({
    operation: filterOperation,
    children: [bag],
    functions: [capture(call, { where: "bag.filter" })],
    like: bag,
  });
}
