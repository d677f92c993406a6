import { encodeValue } from "../../chunk/value-codec.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { type Layout, type LowerContext, selfStage } from "../../plan/lower-context.ts";
import type { InputMapping } from "../../plan/mapping.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, inputLayout, lowered } from "./bag-expr.ts";
import { checkFunction, type FoldStart } from "./fold-options.ts";

interface AccumulateParams {
  readonly start: FoldStart;
}

/**
 * Running totals. First the total at the end of each part, one part after another, since what a part starts with is what
 * the one before ended with; then the records of all parts at once, each from the total before it. So the function is
 * called twice per record, and what waits for its turn is only the first pass. Nobody asks for the total behind the last
 * part, so it is called once for the records of that.
 */
const accumulateOperation: Operation<AccumulateParams> = {
  name: "bag.accumulate",
  version: 1,
  lower: (expr, context) => {
    const input = inputLayout(expr, context);
    const totals = emitTotals(expr, context, input);
    return lowered(
      context.emit({
        role: "running",
        kind: "map",
        label: "accumulate",
        count: input.count,
        slots: [
          { stage: input.stage, mapping: { kind: "one" } },
          { stage: totals.stage, mapping: beforeOf(input.count) },
        ],
        steps: [
          {
            operation: "bag.accumulate",
            arguments: [{ input: 0 }, { input: 1 }],
            functions: [0],
            params: expr.params,
          },
        ],
        layout: { partitions: input.count },
        memory: { ...unprovenStream(), inputs: [0, 0] },
      }),
    );
  },
};

function emitTotals(expr: Expr<AccumulateParams>, context: LowerContext, input: Layout): Layout {
  return context.emit({
    role: "totals",
    kind: "graph",
    label: "accumulate: totals",
    count: input.count,
    slots: [
      { stage: input.stage, mapping: { kind: "one" } },
      { stage: selfStage, mapping: beforeOf(input.count) },
    ],
    steps: [
      {
        operation: "bag.accumulate-total",
        arguments: [{ input: 0 }, { input: 1 }],
        functions: [0],
        params: expr.params,
      },
    ],
    layout: { partitions: input.count },
    streams: false,
    memory: { ...unprovenStream(), inputs: [0, 0] },
  });
}

/** Index i reads chunk i − 1, and the first one nothing. */
function beforeOf(count: number): InputMapping {
  return {
    kind: "csr",
    offsets: Uint32Array.from({ length: count + 1 }, (_, i) => Math.max(0, i - 1)),
    targets: Uint32Array.from({ length: Math.max(0, count - 1) }, (_, i) => i),
  };
}

/** The bag of the running totals of a bag's records, after the initial one if there is one. */
export function accumulate(
  bag: Expr,
  binop: (...values: never[]) => unknown,
  initial: readonly unknown[],
): Expr {
  const where = "bag.accumulate";
  if (initial.length > 0) encodeValue(initial[0], `${where}: initial`);
  const start: FoldStart =
    initial.length > 0 ? { kind: "value", value: initial[0] } : { kind: "none" };
  return bagExpr({
    operation: accumulateOperation,
    params: { start },
    children: [bag],
    functions: [capture(checkFunction(`${where}: binop`, binop), { where: `${where}: binop` })],
    like: bag,
  });
}
