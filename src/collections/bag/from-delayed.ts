import { badArgument } from "../../base/errors.ts";
import { placesOfLazies } from "../../client/graph/lazy-places.ts";
import { AdjacencyBuilder } from "../../client/graph/pack.ts";
import type { Place } from "../../client/graph/place.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { bagExpr, lowered } from "./bag-expr.ts";

/** For each part, the child that has it and the chunk of that. */
interface DelayedParams {
  readonly children: Uint32Array;
  readonly indexes: Uint32Array;
}

/** Records that other lazies give: one list of them per part. */
const fromDelayedOperation: Operation<DelayedParams> = {
  name: "bag.from-delayed",
  version: 1,
  lower: (expr, context) => {
    const { children, indexes } = expr.params;
    const slots = expr.children.map((child, number) => {
      const read = new AdjacencyBuilder();
      for (const [part, of] of children.entries()) {
        read.add(of === number ? [indexes[part] ?? 0] : []);
      }
      const { stage } = context.layout(child);
      return { stage, mapping: { kind: "csr", ...read.finish() } } as const;
    });
    return lowered(
      context.emit({
        role: "records",
        kind: "map",
        label: "fromDelayed",
        count: children.length,
        slots,
        steps: [{ operation: "bag.from-delayed", arguments: slots.map((_, input) => ({ input })) }],
        layout: { partitions: children.length },
      }),
    );
  },
};

const where = "bag.fromDelayed";

/** The expression of the records that lazies give, those of each in a part of its own. */
export function fromDelayedExpr(delayeds: unknown): Expr {
  const isIterable =
    typeof delayeds === "object" && delayeds !== null && Symbol.iterator in delayeds;
  const expected = "a non-empty list of delayed values that give lists";
  if (!isIterable) throw badArgument(where, expected, delayeds);
  const lazies = [...(delayeds as Iterable<unknown>)]; // It has an iterator.
  if (lazies.length === 0) throw badArgument(where, expected, delayeds);
  const places = placesOfLazies(lazies, where);
  const exprs = [...new Set(places.map(({ expr }) => expr))];
  return bagExpr({
    operation: fromDelayedOperation,
    params: paramsOf(places, exprs),
    children: exprs,
    partitions: lazies.length,
  });
}

function paramsOf(places: readonly Place[], exprs: readonly Expr[]): DelayedParams {
  const numbers = new Map(exprs.map((expr, number) => [expr, number]));
  return {
    children: Uint32Array.from(places, ({ expr }) => numbers.get(expr) ?? 0),
    indexes: Uint32Array.from(places, ({ index }) => index),
  };
}
