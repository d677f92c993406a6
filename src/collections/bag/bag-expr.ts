import { present } from "../../base/assert.ts";
import { annotations as currentAnnotations } from "../../code/lazy/annotations.ts";
import { type Expr, type ExprSpec, makeExpr } from "../../plan/expr.ts";
import type { Layout, LowerContext, Lowered, StageDraft } from "../../plan/lower-context.ts";

/** What an expression of a bag is made of. */
export interface BagSpec<Params> extends Omit<ExprSpec<Params>, "params" | "meta" | "annotations"> {
  readonly params?: Params;
  /** How many parts the bag has, if that is known before it runs. */
  readonly partitions?: number | undefined;
  /** Files of this machine that tasks read: a backend elsewhere must be given them. */
  readonly files?: readonly unknown[];
  /** The bag whose number of parts this one shares. */
  readonly like?: Expr;
  /** Its records are drawn at random. */
  readonly isDraw?: boolean;
}

/** Makes the expression of a bag. */
export function bagExpr<Params = undefined>(spec: BagSpec<Params>): Expr {
  const { params, partitions, like, isDraw = false, files = [], ...rest } = spec;
  const count = like === undefined ? partitions : partitionsOf(like);
  const draws = drawsBehind(spec.children ?? []) + (isDraw ? 1 : 0);
  const { name: _, ...annotations } = currentAnnotations();
  const definedAt = spec.definedAt ?? spec.functions?.[0]?.definedAt;
  return makeExpr<unknown>({
    ...rest,
    params,
    annotations,
    meta: {
      ...(count === undefined ? {} : { partitions: count }),
      ...(files.length === 0 ? {} : { files }),
      ...(draws === 0 ? {} : { draws }),
    },
    ...(definedAt === undefined ? {} : { definedAt }),
  });
}

/** How many parts the bag of `expr` has; undefined if only running it tells. */
export function partitionsOf(expr: Expr): number | undefined {
  const { partitions } = expr.meta;
  return typeof partitions === "number" ? partitions : undefined;
}

/** How many draws, one after another, the records of these bags come from. */
export function drawsBehind(bags: readonly Expr[]): number {
  let most = 0;
  for (const { meta } of bags) {
    if (typeof meta["draws"] === "number") most = Math.max(most, meta["draws"]);
  }
  return most;
}

/** The chunks of the expression's only child. */
export function inputLayout(expr: Expr, context: LowerContext): Layout {
  return context.layout(present(expr.children[0], "the input of a bag operation"));
}

/** A stage whose index i works on part i of `input`: what most operations on bags lower to. */
export function eachPart(
  input: Layout,
  draft: Pick<StageDraft, "role" | "label" | "steps"> & Partial<StageDraft>,
): StageDraft {
  return {
    kind: "map",
    count: input.count,
    slots: [{ stage: input.stage, mapping: { kind: "one" } }],
    layout: { partitions: input.count },
    ...draft,
  };
}

/** `layout` as what `lower` answers. */
export function lowered(layout: Layout): Lowered {
  return { kind: "layout", layout };
}
