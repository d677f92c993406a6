import { type LazyWork, lazyParts, worksOf } from "../collection.ts";
import { recordsExpr } from "./graph-expr.ts";
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

/** Where the value of `work` is: its only chunk, or one that is made of all of its records. */
export function placeOfWork({ expr, indexes, asArgument }: LazyWork): Place {
  if (asArgument !== "chunk" || indexes.kind !== "list")
    return { expr: recordsExpr(expr), index: 0 };
  return { expr, index: indexes.indexes[0] ?? 0 };
}

function asTheyAre(works: readonly LazyWork[]): readonly LazyWork[] {
  return works;
}
