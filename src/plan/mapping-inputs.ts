import { unreachable } from "../base/assert.ts";
import { coordinate, item } from "./grid.ts";
import type { InputMapping } from "./mapping.ts";

/** Called for each chunk; `part` is the part of it that is read, if the mapping reads parts. */
export type VisitInput = (producer: number, part: number | undefined) => void;

/** Mappings whose inputs are a box of the producer's grid. */
type BoxMapping = Extract<InputMapping, { kind: "grid" | "contract" | "neighbours" | "ranges" }>;

/** How many chunks consumer `index` reads, repeats counted. Allocates nothing. */
export function inputCount(mapping: InputMapping, index: number, producerCount: number): number {
  switch (mapping.kind) {
    case "one":
      return index < producerCount ? 1 : 0;
    case "shifted":
      return index >= mapping.by && index - mapping.by < producerCount ? 1 : 0;
    case "all":
      return producerCount;
    case "group":
      return clip(index * mapping.size, mapping.size, producerCount);
    case "part":
      return clip((index % mapping.groups) * mapping.span, mapping.span, producerCount);
    case "combined":
      return clip(Math.floor(index / mapping.fine) * mapping.groups, mapping.groups, producerCount);
    case "csr":
      return item(mapping.offsets, index + 1) - item(mapping.offsets, index);
    case "grid":
      return 1;
    case "contract":
    case "neighbours":
    case "ranges":
      return boxCount(mapping, index);
    default:
      return unreachable(mapping);
  }
}

/** Calls `visit` for each chunk that consumer `index` reads, in order. Allocates nothing. */
export function forEachInput(
  mapping: InputMapping,
  index: number,
  producerCount: number,
  visit: VisitInput,
): void {
  if (mapping.kind === "shifted") {
    // Thousands of slots may be such, of which each index reads one.
    const producer = index - mapping.by;
    if (producer >= 0 && producer < producerCount) visit(producer, undefined);
    return;
  }
  const count = inputCount(mapping, index, producerCount);
  switch (mapping.kind) {
    case "one":
      visitRun(index, count, undefined, visit);
      return;
    case "all":
      visitRun(0, count, undefined, visit);
      return;
    case "group":
      visitRun(index * mapping.size, count, undefined, visit);
      return;
    case "part": {
      const first = (index % mapping.groups) * mapping.span;
      visitRun(first, count, partOf(mapping, index), visit);
      return;
    }
    case "combined": {
      const first = Math.floor(index / mapping.fine) * mapping.groups;
      visitRun(first, count, partOf(mapping, index), visit);
      return;
    }
    case "csr": {
      const start = item(mapping.offsets, index);
      for (let k = 0; k < count; k++) visit(item(mapping.targets, start + k), undefined);
      return;
    }
    case "grid":
    case "contract":
    case "neighbours":
    case "ranges":
      for (let k = 0; k < count; k++) visit(boxItem(mapping, index, k), undefined);
      return;
    default:
      unreachable(mapping);
  }
}

/** Which part of its exchange objects consumer `index` reads; `undefined` if it reads whole chunks. */
export function partOf(mapping: InputMapping, index: number): number | undefined {
  if (mapping.kind === "part") return Math.floor(index / mapping.groups);
  if (mapping.kind === "combined") return index % mapping.fine;
  return undefined;
}

/** The consumer's inputs in a new array: for tests and small stages. */
export function inputsOf(mapping: InputMapping, index: number, producerCount: number): number[] {
  const inputs: number[] = [];
  forEachInput(mapping, index, producerCount, (producer) => inputs.push(producer));
  return inputs;
}

/** The grid that the producer's chunks form. */
function producerGrid(mapping: BoxMapping): readonly number[] {
  return mapping.kind === "neighbours" ? mapping.grid : mapping.producer;
}

function clip(first: number, length: number, producerCount: number): number {
  return Math.max(0, Math.min(length, producerCount - first));
}

function visitRun(first: number, count: number, part: number | undefined, visit: VisitInput): void {
  for (let k = 0; k < count; k++) visit(first + k, part);
}

function boxCount(mapping: BoxMapping, index: number): number {
  const axes = producerGrid(mapping).length;
  let count = 1;
  for (let axis = 0; axis < axes; axis++) count *= extent(mapping, axis, index);
  return count;
}

/** The k-th chunk of the box, in row-major order. */
function boxItem(mapping: BoxMapping, index: number, k: number): number {
  const grid = producerGrid(mapping);
  let rest = k;
  let stride = 1;
  let producer = 0;
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const length = extent(mapping, axis, index);
    // Only `neighbours` begins outside the grid or runs over its end: then the axis wraps around.
    const at = start(mapping, axis, index) + (rest % length);
    const size = item(grid, axis);
    producer += stride * ((at + size) % size);
    rest = Math.floor(rest / length);
    stride *= size;
  }
  return producer;
}

/** First producer coordinate on `axis`; −depth and more for a window that wraps. */
function start(mapping: BoxMapping, axis: number, index: number): number {
  switch (mapping.kind) {
    case "grid":
    case "contract": {
      const follows = item<number | "all" | null>(mapping.axes, axis);
      if (typeof follows !== "number" || item(mapping.producer, axis) === 1) return 0;
      return coordinate(mapping.consumer, index, follows);
    }
    case "neighbours": {
      const first = coordinate(mapping.grid, index, axis) - item(mapping.depth, axis);
      if (!item(mapping.periodic, axis)) return Math.max(0, first);
      return windowIsAxis(mapping, axis) ? 0 : first;
    }
    case "ranges":
      return item(item(mapping.starts, axis), coordinate(mapping.consumer, index, axis));
    default:
      return unreachable(mapping);
  }
}

/** Number of producer coordinates on `axis`. */
function extent(mapping: BoxMapping, axis: number, index: number): number {
  switch (mapping.kind) {
    case "grid":
      return 1;
    case "contract":
      return mapping.axes[axis] === "all" ? item(mapping.producer, axis) : 1;
    case "neighbours": {
      const size = item(mapping.grid, axis);
      const depth = item(mapping.depth, axis);
      if (item(mapping.periodic, axis)) {
        return windowIsAxis(mapping, axis) ? size : 2 * depth + 1;
      }
      const at = coordinate(mapping.grid, index, axis);
      return Math.min(size, at + depth + 1) - Math.max(0, at - depth);
    }
    case "ranges": {
      const at = coordinate(mapping.consumer, index, axis);
      const length = item(item(mapping.ends, axis), at) - item(item(mapping.starts, axis), at);
      return Math.max(0, length);
    }
    default:
      return unreachable(mapping);
  }
}

/** A periodic window as long as its axis holds every coordinate once, in plain order. */
function windowIsAxis(
  mapping: Extract<InputMapping, { kind: "neighbours" }>,
  axis: number,
): boolean {
  return 2 * item(mapping.depth, axis) + 1 >= item(mapping.grid, axis);
}
