import { unreachable } from "../base/assert.ts";
import type { Expr } from "../plan/expr.ts";
import type { IndexSet } from "../plan/index-set.ts";
import type { LazyWork } from "./collection.ts";

/** Chunks of one expression. */
export interface PlanTarget {
  readonly expr: Expr;
  readonly indexes: IndexSet;
}

/** Chunks of one expression that some works need. */
export interface RunTarget extends PlanTarget {
  /** Positions of the works. */
  readonly works: readonly number[];
}

/** The targets of `works`: lists of chunks of one expression become one target. */
export function mergeTargets(works: readonly LazyWork[]): RunTarget[] {
  const listed = new Map<Expr, number[]>();
  const targets: RunTarget[] = [];
  for (const [position, { expr, indexes }] of works.entries()) {
    if (indexes.kind !== "list") targets.push({ expr, indexes, works: [position] });
    else {
      const known = listed.get(expr);
      if (known) known.push(position);
      else listed.set(expr, [position]);
    }
  }
  for (const [expr, positions] of listed) {
    const lists = positions.map((position) => works[position]?.indexes);
    targets.push({ expr, indexes: union(lists), works: positions });
  }
  return targets;
}

function union(lists: readonly (IndexSet | undefined)[]): IndexSet {
  const indexes = new Set<number>();
  for (const list of lists) {
    if (list?.kind === "list") for (const index of list.indexes) indexes.add(index);
  }
  return { kind: "list", indexes: Uint32Array.from(indexes).sort() };
}

/** Of the indexes in `present`, those in `set`, rising. */
export function pickIndexes(set: IndexSet, present: Iterable<number>): number[] {
  if (set.kind === "list") return [...set.indexes];
  const sorted = [...present].sort((a, b) => a - b);
  switch (set.kind) {
    case "all":
    case "box":
      // Nothing else was asked for under this target.
      return sorted;
    case "range":
      return sorted.filter((index) => index >= set.start && index < set.end);
    default:
      return unreachable(set);
  }
}
