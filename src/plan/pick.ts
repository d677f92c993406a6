import { present } from "../base/assert.ts";
import type { StageId } from "../base/ids.ts";
import { type Expr, makeExpr, type Operation } from "./expr.ts";
import type { StageDraft } from "./lower-context.ts";

/** Chunk `index` of an expression. */
export interface ChunkOf {
  readonly expr: Expr;
  readonly index: number;
}

/** The kernel that hands on the one chunk of its input lists. */
export const pickKernelName = "pick";

interface PickParams {
  /** Chunk i is chunk `indexes[i]` of child `children[i]`. */
  readonly children: Uint32Array;
  readonly indexes: Uint32Array;
}

const pickOperation: Operation<PickParams> = {
  name: "pick",
  version: 1,
  lower: (expr, context) => {
    const { children, indexes } = expr.params;
    const layouts = expr.children.map((child) => context.layout(child));
    const places = Array.from(indexes, (index, i) => {
      const { stage } = present(layouts[children[i] ?? 0], "a child");
      return { stage, index };
    });
    return { kind: "layout", layout: context.emit(pickStage(places)) };
  },
};

/** A collection of given chunks of others: makes one bag of many delayed values. */
export function pickExpr(chunks: readonly ChunkOf[]): Expr {
  const children = [...new Set(chunks.map((chunk) => chunk.expr))];
  const positions = new Map(children.map((child, position) => [child, position]));
  return makeExpr({
    operation: pickOperation as Operation, // Only `lower` sees the parameters, and gets those given here.
    params: {
      children: Uint32Array.from(chunks, (chunk) => positions.get(chunk.expr) ?? 0),
      indexes: Uint32Array.from(chunks, (chunk) => chunk.index),
    } satisfies PickParams,
    children,
  });
}

function pickStage(places: readonly { stage: StageId; index: number }[]): StageDraft {
  const stages = [...new Set(places.map((place) => place.stage))];
  const slots = stages.map((stage) => {
    const offsets = new Uint32Array(places.length + 1);
    const targets: number[] = [];
    for (const [i, place] of places.entries()) {
      if (place.stage === stage) targets.push(place.index);
      offsets[i + 1] = targets.length;
    }
    return {
      stage,
      mapping: { kind: "csr", offsets, targets: Uint32Array.from(targets) } as const,
    };
  });
  return {
    role: "pick",
    kind: "map",
    label: "pick",
    count: places.length,
    slots,
    steps: [{ operation: pickKernelName, arguments: slots.map((_, input) => ({ input })) }],
    layout: undefined,
    usesIndex: false,
  };
}
