import { unreachable } from "../base/assert.ts";
import { coordinate, gridCount, item } from "./grid.ts";

/** Some indexes of a stage, without listing them where that can be helped. Lists are sorted and free of repeats. */
export type IndexSet =
  | { readonly kind: "all" }
  | { readonly kind: "range"; readonly start: number; readonly end: number }
  | { readonly kind: "list"; readonly indexes: Uint32Array }
  /** Grid positions from `start` up to, not including, `end`, per axis. */
  | {
      readonly kind: "box";
      readonly grid: readonly number[];
      readonly start: readonly number[];
      readonly end: readonly number[];
    };

/** Every index. */
export const allIndexes: IndexSet = { kind: "all" };

/** True if `index` of a stage of `count` indexes is in the set. */
export function hasIndex(set: IndexSet, index: number, count: number): boolean {
  switch (set.kind) {
    case "all":
      return index >= 0 && index < count;
    case "range":
      return index >= set.start && index < set.end;
    case "list":
      return indexIn(set.indexes, index) >= 0;
    case "box":
      return set.grid.every((_, axis) => {
        const at = coordinate(set.grid, index, axis);
        return at >= item(set.start, axis) && at < item(set.end, axis);
      });
    default:
      return unreachable(set);
  }
}

/** How many indexes the set has, of a stage of `count`. */
export function indexCount(set: IndexSet, count: number): number {
  switch (set.kind) {
    case "all":
      return count;
    case "range":
      return Math.max(0, set.end - set.start);
    case "list":
      return set.indexes.length;
    case "box":
      return gridCount(boxSizes(set));
    default:
      return unreachable(set);
  }
}

/** Calls `visit` for each index of the set, rising. */
export function forEachIndex(set: IndexSet, count: number, visit: (index: number) => void): void {
  switch (set.kind) {
    case "all":
      for (let i = 0; i < count; i++) visit(i);
      return;
    case "range":
      for (let i = set.start; i < set.end; i++) visit(i);
      return;
    case "list":
      for (const i of set.indexes) visit(i);
      return;
    case "box": {
      const sizes = boxSizes(set);
      const total = gridCount(sizes);
      for (let k = 0; k < total; k++) visit(boxIndex(set, sizes, k));
      return;
    }
    default:
      unreachable(set);
  }
}

/** The set in its simplest form: `all` if nothing is missing, `range` if nothing lies between. */
export function normaliseIndexes(set: IndexSet, count: number): IndexSet {
  const size = indexCount(set, count);
  if (size === count) return allIndexes;
  if (size === 0) return { kind: "range", start: 0, end: 0 };
  if (set.kind === "range" || set.kind === "all") return set;
  const indexes = set.kind === "list" ? set.indexes : listOf(set, count);
  const first = item(indexes, 0);
  const last = item(indexes, indexes.length - 1);
  if (last - first + 1 === size) return { kind: "range", start: first, end: last + 1 };
  return set;
}

/** The indexes that a stage of `count` indexes has. */
export function clipIndexes(set: IndexSet, count: number): IndexSet {
  if (set.kind === "range") {
    const end = Math.min(set.end, count);
    return { kind: "range", start: Math.min(set.start, end), end };
  }
  if (set.kind !== "list") return set;
  return { kind: "list", indexes: set.indexes.filter((index) => index < count) };
}

/** Every index that is in one of the sets. */
export function unionIndexes(a: IndexSet, b: IndexSet, count: number): IndexSet {
  if (a.kind === "all" || b.kind === "all") return allIndexes;
  if (a.kind === "range" && b.kind === "range" && a.start <= b.end && b.start <= a.end) {
    const union = { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
    return normaliseIndexes({ kind: "range", ...union }, count);
  }
  const present = new Set<number>();
  for (const set of [a, b]) forEachIndex(set, count, (index) => present.add(index));
  return normaliseIndexes({ kind: "list", indexes: Uint32Array.from(present).sort() }, count);
}

type Box = Extract<IndexSet, { kind: "box" }>;

function boxSizes(set: Box): number[] {
  return set.grid.map((_, axis) => Math.max(0, item(set.end, axis) - item(set.start, axis)));
}

function boxIndex(set: Box, sizes: readonly number[], k: number): number {
  let index = 0;
  for (let axis = 0; axis < sizes.length; axis++) {
    index = index * item(set.grid, axis) + item(set.start, axis) + coordinate(sizes, k, axis);
  }
  return index;
}

function listOf(set: IndexSet, count: number): Uint32Array {
  const indexes = new Uint32Array(indexCount(set, count));
  let next = 0;
  forEachIndex(set, count, (index) => {
    indexes[next++] = index;
  });
  return indexes;
}

/** Position of `index` in the sorted list, or −1. */
function indexIn(indexes: Uint32Array, index: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (item(indexes, middle) < index) low = middle + 1;
    else high = middle;
  }
  return low < indexes.length && indexes[low] === index ? low : -1;
}
