import { assert, unreachable } from "../base/assert.ts";
import { gridCount, item } from "./grid.ts";
import type { InputMapping } from "./mapping.ts";
import type { MappingCounts } from "./mapping-dependents.ts";

/** A BUG error if `mapping` cannot connect stages of these sizes; `what` names the consumer. */
export function assertMappingFits(
  mapping: InputMapping,
  { producerCount, consumerCount }: MappingCounts,
  what: string,
): void {
  const expected = (kind: string, count: number, wanted: number): void =>
    assert(count === wanted, `${what}: ${mapping.kind} mapping: ${count} ${kind}, not ${wanted}`);
  switch (mapping.kind) {
    case "all":
      return;
    case "one":
      expected("producers", producerCount, consumerCount);
      return;
    case "shifted":
      assert(mapping.by >= 0, `${what}: shifted mapping: by ${mapping.by}`);
      assert(mapping.by + producerCount <= consumerCount, `${what}: chunks that nobody reads`);
      return;
    case "group":
      expected("consumers", consumerCount, Math.ceil(producerCount / mapping.size));
      return;
    case "grid":
    case "contract":
    case "ranges":
      expected("producers", producerCount, gridCount(mapping.producer));
      expected("consumers", consumerCount, gridCount(mapping.consumer));
      return;
    case "neighbours":
      expected("producers", producerCount, gridCount(mapping.grid));
      expected("consumers", consumerCount, gridCount(mapping.grid));
      return;
    case "part":
      assert(mapping.groups * mapping.span >= producerCount, `${what}: producers in no group`);
      expected("consumers in the last group", consumerCount % mapping.groups, 0);
      return;
    case "combined":
      expected("combiners in the last part", producerCount % mapping.groups, 0);
      return;
    case "csr":
      expected("consumers", consumerCount, mapping.offsets.length - 1);
      return;
    default:
      unreachable(mapping);
  }
}

/** The most chunks that one index reads. */
export function inputCountMax(mapping: InputMapping, producerCount: number): number {
  switch (mapping.kind) {
    case "one":
    case "shifted":
    case "grid":
      return 1;
    case "all":
      return producerCount;
    case "group":
      return Math.min(mapping.size, producerCount);
    case "part":
      return Math.min(mapping.span, producerCount);
    case "combined":
      return mapping.groups;
    case "contract":
      return gridCount(mapping.producer.filter((_, axis) => mapping.axes[axis] === "all"));
    case "neighbours":
      return gridCount(
        mapping.grid.map((size, axis) => Math.min(size, 2 * item(mapping.depth, axis) + 1)),
      );
    case "ranges":
      return gridCount(mapping.starts.map((s, axis) => spanMax(s, item(mapping.ends, axis))));
    case "csr":
      return spanMax(mapping.offsets.subarray(0, -1), mapping.offsets.subarray(1));
    default:
      return unreachable(mapping);
  }
}

function spanMax(starts: Uint32Array, ends: Uint32Array): number {
  let most = 0;
  for (let i = 0; i < starts.length; i++) most = Math.max(most, item(ends, i) - item(starts, i));
  return most;
}
