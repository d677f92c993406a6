import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { chain } from "../../base/maybe-promise.ts";
import { Batches, inBatches } from "../../chunk/batches.ts";
import { type Column, ColumnReader, valuesOf } from "../../chunk/column.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { KeyTable } from "./bag-key-table.ts";

/** How often each key occurs: two columns, so that no object is made per key until somebody asks for pairs. */
interface CountTable {
  readonly keys: Column;
  readonly counts: Float64Array;
}

/** `bag.count-keys`: how often each record occurs in the part. */
export const countKeys: Kernel = (call) => {
  const table = new KeyTable();
  const counts: number[] = [];
  const counted = batchesOf(call.arguments[0]).visit((batch) => countBatch(table, counts, batch));
  return chain(counted, () => countTable(table, counts));
};

/** `bag.merge-counts`: the sum of count tables, keys in order of first appearance. */
export const mergeCounts: Kernel = async (call) => {
  const table = new KeyTable();
  const counts: number[] = [];
  for await (const part of listOf<CountTable>(call.arguments[0])) addCounts(table, counts, part);
  return countTable(table, counts);
};

/** `bag.count-pairs`: a count table as records `[key, count]`. */
export const countPairs: Kernel = (call) =>
  new Batches(inBatches(pairs(call.arguments[0] as CountTable)));

function countBatch(table: KeyTable, counts: number[], batch: readonly unknown[]): void {
  for (let i = 0; i < batch.length; i++) {
    const number = table.add(batch[i]);
    if (number === counts.length) counts.push(1);
    else counts[number] = (counts[number] ?? 0) + 1;
  }
}

function addCounts(table: KeyTable, counts: number[], part: CountTable): void {
  const keys = new ColumnReader(part.keys);
  for (let i = 0; i < keys.length; i++) {
    const number = table.add(keys.next());
    counts[number] = (counts[number] ?? 0) + (part.counts[i] ?? 0);
  }
}

function countTable(table: KeyTable, counts: readonly number[]): CountTable {
  return { keys: table.column(), counts: Float64Array.from(counts) };
}

function* pairs(table: CountTable): Generator<readonly unknown[]> {
  let i = 0;
  for (const key of valuesOf(table.keys))
    yield [key, present(table.counts[i++], "the count of a key")];
}
