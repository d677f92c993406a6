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
  return settle(worksOf(lazies.map((lazy) => lazyParts(lazy, where)))).map((work) => {
    const isOne = work.asArgument === "chunk" && work.indexes.kind === "list";
    return isOne
      ? { expr: work.expr, index: work.indexes.indexes[0] ?? 0 }
      : { expr: recordsExpr(work.expr), index: 0 };
  });
}

function asTheyAre(works: readonly LazyWork[]): readonly LazyWork[] {
  return works;
}
