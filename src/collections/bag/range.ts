import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { partitionsMax } from "./exchange.ts";

/** How numbers are spread over parts. */
export interface RangeOptions {
  /** Number of parts, as equal as can be. Default: one per number up to 100. */
  readonly partitions?: number;
}

interface RangeParams {
  readonly end: number;
  readonly partitions: number;
}

/** Numbers that each task makes itself: the plan holds none. */
const rangeOperation: Operation<RangeParams> = {
  name: "bag.range",
  version: 1,
  lower: (expr, context) => {
    const { end, partitions } = expr.params;
    return lowered(
      context.emit({
        role: "range",
        kind: "map",
        label: "range",
        memory: streamMemory(0, { ends: false }),
        count: partitions,
        slots: [],
        steps: [{ operation: "bag.range", arguments: [], params: { end } }],
        layout: { partitions },
      }),
    );
  },
};

const defaultPartitions = 100;

/** The expression of the numbers from 0 to `end` − 1. */
export function rangeExpr(end: number, options?: RangeOptions): Expr {
  const where = "bag.range";
  wholeNumber(`${where}: end`, end, { min: 0 });
  const known = checkOptions(where, options, ["partitions"]);
  const { partitions = Math.max(1, Math.min(end, defaultPartitions)) } = known;
  wholeNumber(`${where}: partitions`, partitions, { min: 1, max: partitionsMax });
  return bagExpr({ operation: rangeOperation, params: { end, partitions }, partitions });
}
