import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { emitReduceTree } from "../../plan/reduce-tree.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

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
    const partial = context.emit(
      eachPart(inputLayout(expr, context), {
        role: "partial",
        streams: false,
        label: "topk",
        memory: unprovenStream(),
        steps: [{ operation: "bag.top", arguments: [{ input: 0 }], functions, params: { count } }],
      }),
    );
    return lowered(
      emitReduceTree(context, {
        input: partial,
        label: "topk",
        combine: { operation: "bag.merge-top", params: { count } },
        finish: { operation: "bag.top-records" },
        large: false,
      }),
    );
  },
};

/** What records rank by: high before low, in the order of `<`, and null and NaN last. */
export type Rankable = number | bigint | string | Date | boolean | null | undefined;

/** How records rank. */
export interface TopkOptions<T> {
  /** What a record ranks by; arrays rank item by item. */
  readonly key?: (record: T) => Rankable | readonly Rankable[] | PromiseLike<Rankable>;
}

/** The bag of the `count` records with the highest keys, best first, in one part. */
export function topk<T>(bag: Expr, count: number, options?: TopkOptions<T>): Expr {
  wholeNumber("bag.topk: k", count, { min: 1 });
  const { key } = checkOptions("bag.topk", options, ["key"]);
  return bagExpr({
    operation: topkOperation,
    params: { count },
    children: [bag],
    functions: key === undefined ? [] : [capture(key, { where: "bag.topk: key" })],
    partitions: 1,
  });
}
