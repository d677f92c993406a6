import type { Step } from "../../backend/program.ts";
import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { nameOf } from "../../base/content-name.ts";
import type { ContentName } from "../../base/ids.ts";
import { graphOperation, recordsOperation } from "../../code/lazy/graph-call.ts";
import type { NodeOptions } from "../../code/lazy/node.ts";
import { type Annotations, type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { IndexSet } from "../../plan/index-set.ts";
import { selfStage } from "../../plan/lower-context.ts";
import type { InputMapping } from "../../plan/mapping.ts";
import type { PackedBytes, Slot } from "../../plan/stage.ts";
import { nothingHeld } from "./memory.ts";

/** For each task of a stage, the chunks of one other stage that it reads. */
interface Adjacency {
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

/** One stage of delayed calls. */
export interface GraphParams {
  readonly label: string;
  readonly count: number;
  /** Per task, its calls. */
  readonly own: PackedBytes;
  /** What tasks read of each other. */
  readonly self: Adjacency;
  /** What tasks read of each child. */
  readonly children: readonly Adjacency[];
  /** Tells it apart from work that is equal but for this. */
  readonly salt?: string;
}

/** Stage of delayed calls, all in one program. */
const graphOf: Operation<GraphParams> = {
  name: "delayed-graph",
  version: 1,
  lower(expr, context) {
    const { label, count, own, self, children } = expr.params;
    // Inputs are counted through the slots: one that nobody reads from is none.
    const slots: Slot[] =
      self.targets.length === 0 ? [] : [{ stage: selfStage, mapping: { kind: "csr", ...self } }];
    for (const [i, child] of expr.children.entries()) {
      const mapping: InputMapping = { kind: "csr", ...(children[i] ?? self) };
      slots.push({ stage: context.layout(child).stage, mapping });
    }
    const layout = context.emit({
      role: "calls",
      kind: "graph",
      label,
      count,
      slots,
      steps: stepsOf(slots.length, expr.functions.length),
      layout: count,
      own,
      memory: nothingHeld,
    });
    return { kind: "layout", layout };
  },
};

/** One object for all stages of calls of one function that read nothing: so they have one program. */
const plainSteps = newSteps(0, 1);

function stepsOf(slots: number, functions: number): readonly Step[] {
  return slots === 0 && functions === 1 ? plainSteps : newSteps(slots, functions);
}

function newSteps(slots: number, functions: number): readonly Step[] {
  return [
    {
      operation: graphOperation,
      arguments: Array.from({ length: slots }, (_, input) => ({ input })),
      functions: Array.from({ length: functions }, (_, position) => position),
    },
  ];
}

/** What task `index` reads, if `expr` is a stage of delayed calls. */
export function readsOfGraph(
  expr: Expr,
  index: number,
): { expr: Expr; index: number }[] | undefined {
  if (expr.operation !== graphOf) return undefined;
  const { self, children } = expr.params as GraphParams; // What `graphExpr` gave.
  const reads = targetsOf(self, index).map((other) => ({ expr, index: other }));
  for (const [i, child] of expr.children.entries()) {
    const adjacency = children[i];
    if (adjacency === undefined) continue;
    for (const other of targetsOf(adjacency, index)) reads.push({ expr: child, index: other });
  }
  return reads;
}

function targetsOf({ offsets, targets }: Adjacency, index: number): number[] {
  return [...targets.subarray(offsets[index], offsets[index + 1])];
}

/** An expression whose chunk `i` is the result of task `i`. */
export function graphExpr(spec: {
  readonly params: GraphParams;
  readonly children: readonly Expr[];
  readonly functions: readonly ShippedFunction[];
  readonly options: NodeOptions;
  /** `""` for pure work. */
  readonly nonce: string;
}): Expr {
  const { params, functions } = spec;
  return makeExpr({
    operation: graphOf as Operation, // Only `lower` sees the parameters, and gets those given here.
    params,
    paramsName: `${nameOf([params.own, params.self, params.children])}${params.salt ?? ""}`,
    children: spec.children,
    functions,
    annotations: annotationsOf(spec.options),
    nonce: spec.nonce,
    definedAt: functions[0]?.definedAt ?? "",
  });
}

function annotationsOf(options: NodeOptions): Annotations {
  const { name: _, ...annotations } = options;
  return annotations;
}

const literalOf: Operation<PackedBytes> = {
  name: "literal",
  version: 1,
  lower(expr, context) {
    const { offsets } = expr.params;
    const layout = context.emit({
      role: "data",
      kind: "data",
      label: "data",
      count: offsets.length - 1,
      slots: [],
      steps: [],
      layout: offsets.length - 1,
      data: expr.params,
      chunkBytes: largest(offsets),
    });
    return { kind: "layout", layout };
  },
};

/** An expression of chunks that are given, encoded; `name` spares naming them by their content. */
export function literalExpr(
  chunks: PackedBytes,
  nonce = "",
  name: ContentName = nameOf(chunks),
): Expr {
  return makeExpr({
    operation: literalOf as Operation, // As above.
    params: chunks,
    paramsName: name,
    nonce,
  });
}

function largest(offsets: Float64Array): number {
  let most = 0;
  for (let i = 1; i < offsets.length; i++) {
    most = Math.max(most, (offsets[i] ?? 0) - (offsets[i - 1] ?? 0));
  }
  return most;
}

const recordsOf: Operation<IndexSet> = {
  name: "records",
  version: 1,
  lower(expr, context) {
    const [child] = expr.children;
    if (!child) return { kind: "layout", layout: { stage: selfStage, count: 0 } };
    const { stage } = context.layout(child);
    const layout = context.emit({
      role: "records",
      kind: "reduce",
      label: "records",
      count: 1,
      slots: [{ stage, mapping: { kind: "all" } }],
      steps: [{ operation: recordsOperation, arguments: [{ input: 0 }] }],
      layout: 1,
    });
    return { kind: "layout", layout };
  },
};

/** One chunk with the records of all chunks of `child`. */
export function recordsExpr(child: Expr): Expr {
  return makeExpr({
    operation: recordsOf as Operation, // As above.
    params: { kind: "all" },
    children: [child],
  });
}
