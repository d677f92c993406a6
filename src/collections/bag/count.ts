import { computeWork } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { allIndexes } from "../../plan/index-set.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** The number of records of every part. */
export const countOperation: Operation = {
  name: "bag.count",
  version: 1,
  lower: (expr, context) =>
    lowered(
      context.emit(
        eachPart(inputLayout(expr, context), {
          role: "count",
          label: "count",
          memory: streamMemory(1, { ends: true }),
          streams: false,
          steps: [{ operation: "bag.size", arguments: [{ input: 0 }] }],
        }),
      ),
    ),
};

/** How many records a bag has. */
export function count(bag: Expr, options?: ComputeOptions): Promise<number> {
  return computeWork(
    {
      expr: bagExpr({ operation: countOperation, children: [bag] }),
      indexes: allIndexes,
      assemble: (counts) => (counts as readonly number[]).reduce((sum, each) => sum + each, 0),
    },
    options,
    "bag.count",
  );
}
