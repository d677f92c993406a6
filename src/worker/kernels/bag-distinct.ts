import type { Kernel } from "../../backend/kernel.ts";
import { chain } from "../../base/maybe-promise.ts";
import { Batches, inBatches } from "../../chunk/batches.ts";
import { type Column, ColumnReader, valuesOf } from "../../chunk/column.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { KeyTable } from "./bag-key-table.ts";

/** The first records of their kind: what they are told apart by, and the records unless those are the same. */
interface DistinctTable {
  readonly keys: Column;
  readonly records: readonly unknown[] | undefined;
}

/** `bag.distinct`: the part's first record of each kind. Functions: key, or none. */
export const distinctOfPart: Kernel = (call) => {
  const [keyOf] = call.functions;
  const table = new KeyTable();
  const records: unknown[] = [];
  const read = batchesOf(call.arguments[0]).visit((batch) => {
    if (keyOf === undefined) {
      for (const record of batch) table.add(record);
      return undefined;
    }
    return chain(applyEach(keyOf, batch), (keys) => {
      for (let i = 0; i < batch.length; i++) {
        if (table.add(keys[i]) === records.length) records.push(batch[i]);
      }
    });
  });
  return chain(read, () => distinctTable(table, keyOf === undefined ? undefined : records));
};

/** `bag.merge-distinct`: the first records of their kind in several tables. */
export const mergeDistinct: Kernel = async (call) => {
  const table = new KeyTable();
  let records: unknown[] | undefined;
  for await (const part of listOf<DistinctTable>(call.arguments[0])) {
    if (part.records !== undefined) records ??= [];
    const keys = new ColumnReader(part.keys);
    for (let i = 0; i < keys.length; i++) {
      const number = table.add(keys.next());
      const record = part.records?.[i];
      if (records !== undefined && number === records.length) records.push(record);
    }
  }
  return distinctTable(table, records);
};

/** `bag.distinct-records`: a table's records. */
export const distinctRecords: Kernel = (call) => {
  const { keys, records } = call.arguments[0] as DistinctTable;
  return records === undefined ? new Batches(inBatches(valuesOf(keys))) : Batches.of(records);
};

function distinctTable(table: KeyTable, records: readonly unknown[] | undefined): DistinctTable {
  return { keys: table.column(), records };
}
