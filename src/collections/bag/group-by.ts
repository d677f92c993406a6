import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import { chooseParts, type Exchange, stepsOver } from "../../plan/exchange.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext } from "../../plan/lower-context.ts";
import { bagExpr, inputLayout, lowered } from "./bag-expr.ts";
import { emitPartition, partitionsMax } from "./exchange.ts";

interface GroupParams {
  /** Left out: chosen from measured bytes. */
  readonly partitions: number | undefined;
}

/** The records of a bag gathered by key, each key in exactly one part. */
const groupByOperation: Operation<GroupParams> = {
  name: "bag.group-by",
  version: 3,
  lower: (expr, context) => {
    const input = inputLayout(expr, context);
    const manifest = context.manifest(input.stage);
    if (expr.params.partitions === undefined && manifest === undefined) {
      return { kind: "wait", stage: input.stage };
    }
    const parts =
      expr.params.partitions ?? chooseParts(manifest ? [manifest] : [], context.options);
    const draft = { role: "partition", label: "groupBy: partition", input, parts, key: 0 };
    return lowered(emitGroups(context, emitPartition(context, draft)));
  },
};

function emitGroups(context: LowerContext, exchange: Exchange): Layout {
  const { parts } = exchange;
  return context.emit({
    role: "group",
    kind: "map",
    label: "groupBy",
    count: parts,
    slots: [exchange.slot],
    steps: stepsOver([exchange], (pieces) => [{ operation: "bag.group", arguments: pieces }]),
    functions: [],
    layout: { partitions: parts },
  });
}

/** How a bag is grouped. */
export interface GroupByOptions {
  /** Parts of the result. Default: one per 64 MiB of the bag, which is computed first to be measured. */
  readonly partitions?: number;
}

/** The bag of `[key, records]`. */
export function groupBy(
  bag: Expr,
  key: (record: never) => unknown,
  options?: GroupByOptions,
): Expr {
  const { partitions } = checkOptions("bag.groupBy", options, ["partitions"]);
  if (partitions !== undefined) {
    wholeNumber("bag.groupBy: partitions", partitions, { min: 1, max: partitionsMax });
  }
  return bagExpr({
    operation: groupByOperation,
    params: { partitions },
    children: [bag],
    functions: [capture(key, { where: "bag.groupBy" })],
    partitions,
  });
}
