import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { LowerContext, Lowered, StageDraft } from "../../plan/lower-context.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, lowered, partitionsOf } from "./bag-expr.ts";
import { type Beside, type BesideFrom, besideSlot } from "./beside.ts";

interface BesideParams {
  readonly where: string;
  /** Of each child but the first. */
  readonly from: readonly BesideFrom[];
}

type Step = StageDraft["steps"][number];

/** What is done with a part and what goes beside it; the step's arguments are put in. */
interface BesideDraft {
  readonly label: string;
  readonly first: Omit<Step, "arguments">;
  readonly rest?: readonly Step[];
}

/** A stage whose index i works on part i of the first child, with what goes beside it. */
function lowerBeside(
  expr: Expr<BesideParams>,
  context: LowerContext,
  { label, first, rest = [] }: BesideDraft,
): Lowered {
  const { where, from } = expr.params;
  const [bag, ...others] = expr.children.map((child) => context.layout(child));
  const { stage, count } = present(bag, "the bag");
  const slots = others.map((layout, i) => {
    const place = present(from[i], "where an argument comes from");
    if (place === "records" && layout.count !== count) {
      throw unequalPartitions(where, count, layout.count);
    }
    return besideSlot(place, layout, count);
  });
  const inputs = [{ stage, mapping: { kind: "one" } } as const, ...slots];
  return lowered(
    context.emit({
      role: "beside",
      kind: "map",
      label,
      memory: { ...unprovenStream(), inputs: inputs.map(() => 0) },
      count,
      slots: inputs,
      steps: [{ ...first, arguments: inputs.map((_, input) => ({ input })) }, ...rest],
      layout: { partitions: count },
    }),
  );
}

function unequalPartitions(where: string, count: number, other: number): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: bags of ${count} and of ${other} partitions: they go together partition by partition`,
    fix: "make bags with equal partitions, or bring one to the other's with .repartition({ partitions })",
    data: { where, partitions: [count, other] },
  });
}

/** Tuples of the records at the same place. */
const zipOperation: Operation<BesideParams> = {
  name: "bag.zip",
  version: 1,
  lower: (expr, context) =>
    lowerBeside(expr, context, {
      label: "zip",
      first: { operation: "bag.zip", params: kindsOf(expr.params) },
    }),
};

/** A function of the records at the same place. */
const mapWithOperation: Operation<BesideParams> = {
  name: "bag.map-with",
  version: 1,
  lower: (expr, context) =>
    lowerBeside(expr, context, {
      label: "map",
      first: { operation: "bag.zip", params: kindsOf(expr.params) },
      rest: [{ operation: "bag.starmap", arguments: [{ step: 0 }], functions: [0] }],
    }),
};

/** A function of whole parts. */
const mapPartitionsOperation: Operation<BesideParams> = {
  name: "bag.map-partitions",
  version: 1,
  lower: (expr, context) =>
    lowerBeside(expr, context, {
      label: "mapPartitions",
      first: { operation: "bag.map-partitions", functions: [0], params: kindsOf(expr.params) },
    }),
};

function kindsOf({ where, from }: BesideParams): unknown {
  return { where, kinds: from.map((place) => (place === "records" ? "records" : "value")) };
}

/** The bag of tuples: a record, and what goes beside it. */
export function zip(bag: Expr, others: readonly Beside[]): Expr {
  return besideExpr(bag, others, { where: "bag.zip", operation: zipOperation });
}

/** The bag of `call(record, …what goes beside it)`. */
export function mapWith(
  bag: Expr,
  call: (...values: never[]) => unknown,
  others: readonly Beside[],
): Expr {
  return besideExpr(bag, others, { where: "bag.map", operation: mapWithOperation, call });
}

/** The bag of the records that `call` makes of each part. */
export function mapPartitions(
  bag: Expr,
  call: (...values: never[]) => unknown,
  others: readonly Beside[],
): Expr {
  return besideExpr(bag, others, {
    where: "bag.mapPartitions",
    operation: mapPartitionsOperation,
    call,
  });
}

interface BesideSpec {
  readonly where: string;
  readonly operation: Operation<BesideParams>;
  readonly call?: (...values: never[]) => unknown;
}

function besideExpr(
  bag: Expr,
  others: readonly Beside[],
  { where, operation, call }: BesideSpec,
): Expr {
  const partitions = partitionsOf(bag);
  for (const { expr, from } of others) {
    const count = from === "records" ? partitionsOf(expr) : undefined;
    if (partitions !== undefined && count !== undefined && count !== partitions) {
      throw unequalPartitions(where, partitions, count);
    }
  }
  return bagExpr({
    operation,
    params: { where, from: others.map(({ from }) => from) },
    children: [bag, ...others.map(({ expr }) => expr)],
    functions: call === undefined ? [] : [capture(call, { where })],
    like: bag,
  });
}
