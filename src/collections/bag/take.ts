import { wholeNumber } from "../../base/check-options.ts";
import { computeWork } from "../../client/compute.ts";
import type { ComputeOptions } from "../../client/compute-options.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";

interface TakeParams {
  readonly count: number;
}

/** The first records of every part. */
export const takeOperation: Operation<TakeParams> = partOperation<TakeParams>({
  name: "bag.take",
  label: "take",
  memory: streamMemory(1, { ends: false }),
});

/** Each look at the bag takes in so many times the parts of the one before. */
const growth = 4;

/** The first `count` records: of the first part, then of ever more parts until there are enough or no more parts. */
export async function take(bag: Expr, count: number, options?: ComputeOptions): Promise<unknown[]> {
  wholeNumber("bag.take: n", count, { min: 0 });
  const expr = bagExpr({ operation: takeOperation, params: { count }, children: [bag] });
  const records: unknown[] = [];
  let start = 0;
  for (let width = 1; records.length < count; width *= growth) {
    const parts = await computeWork(
      {
        expr,
        indexes: { kind: "range", start, end: start + width },
        assemble: (chunks) => chunks as readonly (readonly unknown[])[],
      },
      options,
      "bag.take",
    );
    for (const part of parts) for (const record of part) records.push(record);
    if (parts.length < width) break;
    start += width;
  }
  return records.slice(0, count);
}
