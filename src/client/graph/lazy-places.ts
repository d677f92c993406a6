import type { Expr } from "../../plan/expr.ts";
import { type LazyWork, lazyParts, worksOf } from "../collection.ts";
import { recordsExpr } from "./graph-expr.ts";
import { holding } from "./live-expr.ts";
import type { Place } from "./place.ts";

/**
 * Where a task that takes these collections as arguments finds the value of each: looked at together, they share.
 * `settle` may change the works before.
 */
export function placesOfLazies(
  lazies: readonly unknown[],
  where: string,
  settle: (works: readonly LazyWork[]) => readonly LazyWork[] = asTheyAre,
): Place[] {
  return settle(worksOf(lazies.map((lazy) => lazyParts(lazy, where)))).map(placeOfWork);
}

/** The same for a collection that is made of them and has only their places: these hold the futures among them. */
export function heldPlacesOf(lazies: readonly unknown[], where: string): Place[] {
  const held = new Map<Expr, Expr>();
  return placesOfLazies(lazies, where).map(({ expr, index }, i) => {
    // Futures of one batch are in one expression: one of them keeps the results of all.
    const known = held.get(expr) ?? holding(expr, lazies[i]);
    held.set(expr, known);
    return { expr: known, index };
  });
}

/** Where the value of `work` is: its only chunk, or one that is made of all of its records. */
export function placeOfWork({ expr, indexes, asArgument }: LazyWork): Place {
  if (asArgument !== "chunk" || indexes.kind !== "list")
    return { expr: recordsExpr(expr), index: 0 };
  return { expr, index: indexes.indexes[0] ?? 0 };
}

function asTheyAre(works: readonly LazyWork[]): readonly LazyWork[] {
  return works;
}
