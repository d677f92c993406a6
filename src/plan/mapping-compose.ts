import { unreachable } from "../base/assert.ts";
import { gridCount, item } from "./grid.ts";
import type { InputMapping } from "./mapping.ts";

/**
 * The mapping of a consumer that reads a middle stage through `outer`, straight to what the middle stage reads through
 * `inner`: how slots move when a producer is fused into its consumer. `undefined` if no mapping of the closed union
 * says it. Only an `outer` that reads exactly one chunk composes: otherwise the inner step would run several times.
 */
export function composeMappings(
  outer: InputMapping,
  inner: InputMapping,
): InputMapping | undefined {
  if (outer.kind === "one") return inner;
  if (outer.kind !== "grid") return undefined;
  const { consumer } = outer;
  switch (inner.kind) {
    case "one":
      return outer;
    case "all":
      return inner;
    case "grid": {
      const axes = inner.axes.map((axis) => follow(outer, axis));
      return { kind: "grid", consumer, producer: inner.producer, axes };
    }
    case "contract": {
      const axes = inner.axes.map((axis) => (axis === "all" ? axis : follow(outer, axis)));
      return { kind: "contract", consumer, producer: inner.producer, axes };
    }
    case "shifted":
    case "group":
    case "neighbours":
    case "ranges":
    case "part":
    case "combined":
    case "csr":
      return undefined;
    default:
      return unreachable(inner);
  }
}

type GridMapping = Extract<InputMapping, { kind: "grid" }>;

/** The outer consumer's axis that a middle axis follows; `null` where the middle axis stays at coordinate 0. */
function follow(outer: GridMapping, middleAxis: number | null): number | null {
  if (middleAxis === null || item(outer.producer, middleAxis) === 1) return null;
  return item<number | null>(outer.axes, middleAxis);
}

/** True if different indexes read different chunks and every chunk is read: fusing repeats no work. */
export function readsEachOnce(mapping: InputMapping): boolean {
  if (mapping.kind === "one") return true;
  if (mapping.kind !== "grid") return false;
  if (gridCount(mapping.consumer) !== gridCount(mapping.producer)) return false;
  const followed = new Set<number>();
  for (const [axis, consumerAxis] of mapping.axes.entries()) {
    if (item(mapping.producer, axis) === 1) continue;
    if (consumerAxis === null || followed.has(consumerAxis)) return false;
    if (mapping.consumer[consumerAxis] !== mapping.producer[axis]) return false;
    followed.add(consumerAxis);
  }
  return mapping.consumer.every((size, axis) => size === 1 || followed.has(axis));
}

/** `one` for a grid mapping that reads chunk i for index i; any other mapping as it is. */
export function normaliseMapping(mapping: InputMapping): InputMapping {
  if (mapping.kind !== "grid" || !readsEachOnce(mapping)) return mapping;
  const followed = mapping.axes.filter((_, axis) => mapping.producer[axis] !== 1);
  const inOrder = followed.every((axis, i) => i === 0 || Number(axis) > Number(followed[i - 1]));
  return inOrder ? { kind: "one" } : mapping;
}
