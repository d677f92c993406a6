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

interface Ranked {
  readonly key: unknown;
  readonly record: unknown;
}

/** The best records so far, and as many that came since: sorting now and then costs less than keeping them sorted. */
class Top {
  #kept: Ranked[] = [];
  /** The lowest of so many as are wanted, if there are that many. */
  #last: Ranked | undefined;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  /** Keeps the record if it may be among the best; of equal ones the earlier stays ahead. */
  offer(key: unknown, record: unknown): void {
    if (this.#count === 0) return;
    if (this.#last && compareKeys(key, this.#last.key) <= 0) return;
    this.#kept.push({ key: ownCopy(key), record: ownCopy(record) });
    if (this.#kept.length >= 2 * this.#count) this.#cut();
  }

  table(): TopTable {
    this.#cut();
    return {
      keys: this.#kept.map(({ key }) => key),
      records: this.#kept.map(({ record }) => record),
    };
  }

  /** Sorting keeps the order of equal ones, and the kept ones came before the others. */
  #cut(): void {
    this.#kept.sort((a, b) => compareKeys(b.key, a.key));
    this.#kept.length = Math.min(this.#kept.length, this.#count);
    this.#last = this.#kept[this.#count - 1];
  }
}
