import type { Kernel } from "../../backend/kernel.ts";
import { batchesOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** `bag.unzip`: item `params.item` of every record; a record without it is an error. */
export const itemOfRecords: Kernel = ({ arguments: [part], params, task }) => {
  const { item } = params as { readonly item: number };
  let first = 0;
  return batchesOf(part).map((batch) => {
    const items = batch.map((record, i) => {
      if (Array.isArray(record) && item < record.length) return record[item] as unknown;
      throw wrongRecord({
        where: "bag.unzip",
        partition: task.index,
        position: first + i,
        record,
        expected: `a list of at least ${item + 1} items`,
        fix: "filter out such records before, or map them to longer lists",
      });
    });
    first += batch.length;
    return items;
  });
};
