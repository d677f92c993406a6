import { unreachable } from "../base/assert.ts";
import { coordinate, item } from "./grid.ts";
import type { InputMapping } from "./mapping.ts";
import { forEachInput } from "./mapping-inputs.ts";

/** Sizes of the two stages that a mapping connects. */
export interface MappingCounts {
  readonly producerCount: number;
  readonly consumerCount: number;
}

/**
 * Calls `visit` for each consumer that reads chunk `producer`, as often as it reads it: the exact inverse of
 * `forEachInput`. Allocates nothing, but for one inverted table per large irregular mapping, made on first use.
 */
export function forEachDependent(
  mapping: InputMapping,
  producer: number,
  counts: MappingCounts,
  visit: (consumer: number) => void,
): void {
  const { consumerCount } = counts;
  switch (mapping.kind) {
    case "one":
      visitBelow(producer, 1, consumerCount, visit);
      return;
    case "shifted":
      visitBelow(producer + mapping.by, 1, consumerCount, visit);
      return;
    case "all":
      visitBelow(0, consumerCount, consumerCount, visit);
      return;
    case "group":
      visitBelow(Math.floor(producer / mapping.size), 1, consumerCount, visit);
      return;
    case "part": {
      const group = Math.floor(producer / mapping.span);
      if (group >= mapping.groups) return;
      for (let i = group; i < consumerCount; i += mapping.groups) visit(i);
      return;
    }
    case "combined": {
      const coarse = Math.floor(producer / mapping.groups);
      visitBelow(coarse * mapping.fine, mapping.fine, consumerCount, visit);
      return;
    }
    case "csr": {
      if (mapping.targets.length <= searchedMax) {
        searchCsr(mapping, producer, visit);
        return;
      }
      const inverse = invertedCsr(mapping, counts.producerCount);
      const end = item(inverse.offsets, producer + 1);
      for (let k = item(inverse.offsets, producer); k < end; k++) visit(item(inverse.targets, k));
      return;
    }
    case "neighbours":
      // "Within depth of each other" is symmetric.
      forEachInput(mapping, producer, consumerCount, visit);
      return;
    case "grid":
    case "contract":
      visitFollowers(mapping, producer, visit);
      return;
    case "ranges":
      visitOverlaps(mapping, producer, visit);
      return;
    default:
      unreachable(mapping);
  }
}

function visitBelow(
  first: number,
  count: number,
  below: number,
  visit: (consumer: number) => void,
): void {
  const end = Math.min(first + count, below);
  for (let i = first; i < end; i++) visit(i);
}

type FollowMapping = Extract<InputMapping, { kind: "grid" | "contract" }>;

const free = -1;
const impossible = -2;

/** Consumers of one chunk: on a consumer axis that some producer axis follows there is one coordinate, else all. */
function visitFollowers(
  mapping: FollowMapping,
  producer: number,
  visit: (consumer: number) => void,
): void {
  if (!reachable(mapping, producer)) return;
  const grid = mapping.consumer;
  let count = 1;
  for (let axis = 0; axis < grid.length; axis++) {
    const at = fixedCoordinate(mapping, producer, axis);
    if (at === impossible) return;
    if (at === free) count *= item(grid, axis);
  }
  for (let k = 0; k < count; k++) {
    let rest = k;
    let stride = 1;
    let consumer = 0;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const size = item(grid, axis);
      let at = fixedCoordinate(mapping, producer, axis);
      if (at === free) {
        at = rest % size;
        rest = Math.floor(rest / size);
      }
      consumer += stride * at;
      stride *= size;
    }
    visit(consumer);
  }
}

/** On producer axes that follow nothing, only coordinate 0 is read. */
function reachable(mapping: FollowMapping, producer: number): boolean {
  for (let axis = 0; axis < mapping.axes.length; axis++) {
    if (mapping.axes[axis] !== null) continue;
    if (coordinate(mapping.producer, producer, axis) !== 0) return false;
  }
  return true;
}

function fixedCoordinate(mapping: FollowMapping, producer: number, consumerAxis: number): number {
  let fixed = free;
  for (let axis = 0; axis < mapping.axes.length; axis++) {
    if (mapping.axes[axis] !== consumerAxis || mapping.producer[axis] === 1) continue;
    const at = coordinate(mapping.producer, producer, axis);
    if ((fixed !== free && fixed !== at) || at >= item(mapping.consumer, consumerAxis)) {
      return impossible;
    }
    fixed = at;
  }
  return fixed;
}

/** Item i of the inverse: `targets[offsets[i] … offsets[i+1])`. */
interface Inverted {
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

type CsrMapping = Extract<InputMapping, { kind: "csr" }>;
type RangesMapping = Extract<InputMapping, { kind: "ranges" }>;

/** Up to so many reads are searched: an inverse would take as many numbers as the producer has chunks. */
const searchedMax = 32;

function searchCsr(
  { offsets, targets }: CsrMapping,
  producer: number,
  visit: (consumer: number) => void,
): void {
  for (let k = 0; k < targets.length; k++) {
    if (item(targets, k) === producer) visit(readerOf(offsets, k));
  }
}

/** The consumer that read number `k` is of: the last one whose reads begin at or before it. */
function readerOf(offsets: Uint32Array, k: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (item(offsets, middle) <= k) low = middle;
    else high = middle;
  }
  return low;
}

const invertedCsrs = new WeakMap<CsrMapping, Inverted>();
const invertedRanges = new WeakMap<RangesMapping, readonly Inverted[]>();

function invertedCsr(mapping: CsrMapping, producerCount: number): Inverted {
  const known = invertedCsrs.get(mapping);
  if (known !== undefined && known.offsets.length > producerCount) return known;
  const { offsets, targets } = mapping;
  const made = invert(producerCount, targets.length, (pair) => {
    for (let consumer = 0; consumer + 1 < offsets.length; consumer++) {
      const end = item(offsets, consumer + 1);
      for (let k = item(offsets, consumer); k < end; k++) pair(item(targets, k), consumer);
    }
  });
  invertedCsrs.set(mapping, made);
  return made;
}

function visitOverlaps(
  mapping: RangesMapping,
  producer: number,
  visit: (consumer: number) => void,
): void {
  const inverses = axisInverses(mapping);
  const grid = mapping.consumer;
  let count = 1;
  for (let axis = 0; axis < grid.length; axis++) {
    const { offsets } = item(inverses, axis);
    const at = coordinate(mapping.producer, producer, axis);
    count *= item(offsets, at + 1) - item(offsets, at);
  }
  for (let k = 0; k < count; k++) visit(overlapItem(mapping, producer, k));
}

function overlapItem(mapping: RangesMapping, producer: number, k: number): number {
  const inverses = axisInverses(mapping);
  let rest = k;
  let stride = 1;
  let consumer = 0;
  for (let axis = mapping.consumer.length - 1; axis >= 0; axis--) {
    const { offsets, targets } = item(inverses, axis);
    const at = coordinate(mapping.producer, producer, axis);
    const first = item(offsets, at);
    const length = item(offsets, at + 1) - first;
    consumer += stride * item(targets, first + (rest % length));
    rest = Math.floor(rest / length);
    stride *= item(mapping.consumer, axis);
  }
  return consumer;
}

function axisInverses(mapping: RangesMapping): readonly Inverted[] {
  const known = invertedRanges.get(mapping);
  if (known !== undefined) return known;
  const made = mapping.producer.map((size, axis) => {
    const starts = item(mapping.starts, axis);
    const ends = item(mapping.ends, axis);
    let overlaps = 0;
    for (let c = 0; c < starts.length; c++)
      overlaps += Math.max(0, item(ends, c) - item(starts, c));
    return invert(size, overlaps, (pair) => {
      for (let c = 0; c < starts.length; c++) {
        for (let p = item(starts, c); p < item(ends, c); p++) pair(p, c);
      }
    });
  });
  invertedRanges.set(mapping, made);
  return made;
}

/** Sorts pairs by producer by counting: `forEachPair` is run twice and gives consumers in rising order. */
function invert(
  producerCount: number,
  pairs: number,
  forEachPair: (pair: (producer: number, consumer: number) => void) => void,
): Inverted {
  const offsets = new Uint32Array(producerCount + 1);
  forEachPair((producer) => {
    offsets[producer + 1] = item(offsets, producer + 1) + 1;
  });
  for (let p = 0; p < producerCount; p++) offsets[p + 1] = item(offsets, p + 1) + item(offsets, p);
  const next = offsets.slice(0, producerCount);
  const targets = new Uint32Array(pairs);
  forEachPair((producer, consumer) => {
    const at = item(next, producer);
    targets[at] = consumer;
    next[producer] = at + 1;
  });
  return { offsets, targets };
}
