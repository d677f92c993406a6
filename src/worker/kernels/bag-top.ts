import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { chain } from "../../base/maybe-promise.ts";
import { Batches } from "../../chunk/batches.ts";
import { ownCopy } from "../../chunk/own-copy.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { compareKeys } from "./bag-order.ts";

/** The best records of some parts with what they rank by, best first. */
interface TopTable {
  readonly keys: readonly unknown[];
  readonly records: readonly unknown[];
}

/** `bag.top`: the part's `params.count` best records. Functions: key, or none. */
export const topRecords: Kernel = (call) => {
  const top = new Top((call.params as { readonly count: number }).count);
  const keyOf: UserFunction = call.functions[0] ?? ownRank;
  const read = batchesOf(call.arguments[0]).visit((batch) =>
    chain(applyEach(keyOf, batch), (keys) => {
      for (let i = 0; i < batch.length; i++) top.offer(keys[i], batch[i]);
    }),
  );
  return chain(read, () => top.table());
};

/** `bag.merge-top`: the `params.count` best records of several tables. */
export const mergeTop: Kernel = async (call) => {
  const top = new Top((call.params as { readonly count: number }).count);
  for await (const part of listOf<TopTable>(call.arguments[0])) {
    for (const [i, key] of part.keys.entries()) top.offer(key, part.records[i]);
  }
  return top.table();
};

/** `bag.top-records`: a table's records, best first. */
export const topAsRecords: Kernel = (call) => Batches.of((call.arguments[0] as TopTable).records);

/** Pairs, as `frequencies` and `foldBy` give them, rank by their value; other records by themselves. */
function ownRank(record: unknown): unknown {
  return Array.isArray(record) && record.length === 2 ? record[1] : record;
}

class Top {
  readonly #keys: unknown[] = [];
  readonly #records: unknown[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  /** Keeps the record if it is among the best so far; of equal ones the earlier stays ahead. */
  offer(key: unknown, record: unknown): void {
    if (this.#count === 0) return;
    const full = this.#keys.length === this.#count;
    if (full && compareKeys(key, this.#keys[this.#count - 1]) <= 0) return;
    const place = this.#placeOf(key);
    this.#keys.splice(place, 0, ownCopy(key));
    this.#records.splice(place, 0, ownCopy(record));
    if (!full) return;
    this.#keys.pop();
    this.#records.pop();
  }

  table(): TopTable {
    return { keys: this.#keys, records: this.#records };
  }

  /** Behind all that rank at least as high. */
  #placeOf(key: unknown): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle], key) >= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
