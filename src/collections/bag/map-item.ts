import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** The value of an item, put through a function. */
const mapItemOperation: Operation = {
  name: "item.map",
  version: 1,
  lower: (expr, context) =>
    lowered(
      context.emit(
        eachPart(inputLayout(expr, context), {
          role: "map",
          label: "map",
          streams: false,
          steps: [{ operation: "item.map", arguments: [{ input: 0 }], functions: [0] }],
        }),
      ),
    ),
};

/** The expression of `call`'s result. */
export function mapItem(item: Expr, call: (value: never) => unknown): Expr {
  return bagExpr({
    operation: mapItemOperation,
    children: [item],
    functions: [capture(call, { where: "item.map" })],
  });
}
