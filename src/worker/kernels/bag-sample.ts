import type { Kernel, KernelCall } from "../../backend/kernel.ts";
import { LambdaskError } from "../../base/errors.ts";
import { type Random, seededRandom } from "../../base/seeded-random.ts";
import { Batches } from "../../chunk/batches.ts";
import { ownCopy } from "../../chunk/own-copy.ts";
import { batchesOf, listOf } from "./bag-apply.ts";

/** Records that were drawn, and of each the number that it was drawn by. */
interface Drawn {
  /** Of how many records. */
  readonly from: number;
  readonly keys: readonly number[];
  readonly records: readonly unknown[];
}

interface DrawParams {
  readonly count: number;
  readonly seed: number;
}

/** The random numbers of one part: those of another part, seed or draw have nothing to do with them. */
function randomOf(call: KernelCall): Random {
  const { seed, draw } = call.params as { readonly seed: number; readonly draw: number };
  return seededRandom(seed).split(draw).split(call.task.index);
}

/** A number in (0, 1) of 52 random bits: there are more of them than records. */
function fine(random: Random): number {
  const high = random.below(2 ** 26);
  const low = random.below(2 ** 26);
  return (high * 2 ** 26 + low + 0.5) / 2 ** 52;
}

/** `bag.random-sample`: every record with probability `params.share`. */
export const randomSampleRecords: Kernel = (call) => {
  const { share } = call.params as { readonly share: number };
  const random = randomOf(call);
  return batchesOf(call.arguments[0]).map((batch) => batch.filter(() => fine(random) < share));
};

/**
 * `bag.sample`: the `params.count` records with the smallest of random numbers, one per record: a sample without
 * putting back of a part, and the smallest of all parts are one of all.
 */
export const sampleRecords: Kernel = async (call) => {
  const lowest = new Lowest((call.params as DrawParams).count);
  const random = randomOf(call);
  for await (const batch of batchesOf(call.arguments[0])) {
    for (const record of batch) lowest.offer(fine(random), record);
  }
  return lowest.drawn();
};

/** `bag.merge-sample`: the smallest of several. */
export const mergeSamples: Kernel = async (call) => {
  const lowest = new Lowest((call.params as DrawParams).count);
  for await (const part of listOf<Drawn>(call.arguments[0])) {
    lowest.skip(part.from - part.records.length);
    for (const [i, key] of part.keys.entries()) lowest.offer(key, part.records[i]);
  }
  return lowest.drawn();
};

/** `bag.drawn-sample`: the records in order of their numbers, which is a random order. */
export const sampleAsRecords: Kernel = (call) => {
  const { from, keys, records } = call.arguments[0] as Drawn;
  const { count } = call.params as DrawParams;
  if (records.length < count) throw tooFew("bag.sample", count, from);
  const order = keys.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  return Batches.of(order.map((i) => records[i]));
};

/** The records with the lowest numbers, in a binary heap with the highest of them on top. */
class Lowest {
  readonly #count: number;
  readonly #keys: number[] = [];
  readonly #records: unknown[] = [];
  #from = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** So many records were seen by others and are out already. */
  skip(records: number): void {
    this.#from += records;
  }

  offer(key: number, record: unknown): void {
    this.#from++;
    const full = this.#keys.length === this.#count;
    if (full && (this.#count === 0 || key >= (this.#keys[0] ?? 0))) return;
    if (full) this.#sink(key, ownCopy(record));
    else this.#rise(key, ownCopy(record));
  }

  drawn(): Drawn {
    return { from: this.#from, keys: this.#keys, records: this.#records };
  }

  #rise(key: number, record: unknown): void {
    let at = this.#keys.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#keys[parent] ?? 0) >= key) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, key, record);
  }

  #sink(key: number, record: unknown): void {
    const { length } = this.#keys;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const higher = (this.#keys[right] ?? -1) > (this.#keys[left] ?? -1) ? right : left;
      if (left >= length || (this.#keys[higher] ?? -1) <= key) break;
      this.#move(higher, at);
      at = higher;
    }
    this.#put(at, key, record);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#keys[from] ?? 0, this.#records[from]);
  }

  #put(at: number, key: number, record: unknown): void {
    this.#keys[at] = key;
    this.#records[at] = record;
  }
}

/**
 * `bag.choices`: `params.count` times one record of the part, each as likely. A reservoir of one for each: after i
 * records the next to replace it is number ⌊i / u⌋ + 1 with u uniform (Li 1994, algorithm L for one). Its number is the logarithm
 * of the largest of as many uniform ones as there were records, so that the largest of all parts' is each record's
 * as often.
 */
export const chooseRecords: Kernel = async (call) => {
  const { count } = call.params as DrawParams;
  const random = randomOf(call);
  const records: unknown[] = new Array(count).fill(undefined);
  const next = new Float64Array(count).fill(1);
  let from = 0;
  for await (const batch of batchesOf(call.arguments[0])) {
    const end = from + batch.length;
    for (let slot = 0; slot < count; slot++) {
      for (let number = next[slot] ?? 0; number <= end; number = next[slot] ?? 0) {
        records[slot] = ownCopy(batch[number - from - 1]);
        next[slot] = Math.floor(number / fine(random)) + 1;
      }
    }
    from = end;
  }
  const keys = records.map(() =>
    from === 0 ? Number.NEGATIVE_INFINITY : Math.log(fine(random)) / from,
  );
  return { from, keys, records } satisfies Drawn;
};

/** `bag.merge-choices`: of each draw, what has the largest number. */
export const mergeChoices: Kernel = async (call) => {
  const { count } = call.params as DrawParams;
  const keys = new Array<number>(count).fill(Number.NEGATIVE_INFINITY);
  const records: unknown[] = new Array(count).fill(undefined);
  let from = 0;
  for await (const part of listOf<Drawn>(call.arguments[0])) {
    from += part.from;
    for (const [slot, key] of part.keys.entries()) {
      if (key <= (keys[slot] ?? 0)) continue;
      keys[slot] = key;
      records[slot] = part.records[slot];
    }
  }
  return { from, keys, records } satisfies Drawn;
};

/** `bag.drawn-choices`: the records in order of the draws. */
export const choicesAsRecords: Kernel = (call) => {
  const { from, records } = call.arguments[0] as Drawn;
  if (from === 0 && records.length > 0) throw tooFew("bag.choices", records.length, from);
  return Batches.of(records);
};

function tooFew(where: string, count: number, from: number): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: k: ${count} records of a bag of ${from} cannot be drawn`,
    fix:
      from === 0
        ? "draw from a bag with records"
        : `draw at most ${from}, or use choices, which puts back`,
    data: { where, count, records: from },
  });
}
