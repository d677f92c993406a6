import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { lowerTree } from "./tree.ts";

interface TopParams {
  readonly count: number;
}

/** The records that rank highest: of each part, then of all in a tree. */
const topkOperation: Operation<TopParams> = {
  name: "bag.topk",
  version: 1,
  lower: (expr, context) => {
    const { count } = expr.params;
    const functions = expr.functions.map((_, position) => position);
    return lowerTree(expr, context, {
      label: "topk",
      partial: { operation: "bag.top", functions, params: { count } },
      memory: unprovenStream(),
      combine: { operation: "bag.merge-top", params: { count } },
      finish: { operation: "bag.top-records" },
      large: "maybe",
    });
  },
};

/** What records rank by: high before low, in the order of `<`, and null, NaN and invalid dates last. */
export type Rankable = number | bigint | string | Date | boolean | null | undefined;

/** How records rank. */
export interface TopkOptions<T> {
  /** What a record ranks by; arrays rank item by item. */
  readonly key?: (record: T) => Rankable | readonly Rankable[] | PromiseLike<Rankable>;
}

/** The bag of the `count` records with the highest keys, best first, in one part. */
export function topk<T>(bag: Expr, count: number, options?: TopkOptions<T>): Expr {
  wholeNumber("bag.topk: k", count, { min: 0 });
  const { key } = checkOptions("bag.topk", options, ["key"]);
  return bagExpr({
    operation: topkOperation,
    params: { count },
    children: [bag],
    functions: key === undefined ? [] : [capture(key, { where: "bag.topk: key" })],
    partitions: 1,
  });
}
