import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { chain, type MaybePromise } from "../../base/maybe-promise.ts";
import { Batches, inBatches } from "../../chunk/batches.ts";
import { type Column, ColumnReader, valuesOf } from "../../chunk/column.ts";
import { applyEach, batchesOf, isThenable, listOf } from "./bag-apply.ts";
import { KeyTable } from "./bag-key-table.ts";

/** What was folded so far, per key. */
interface FoldTable {
  readonly keys: Column;
  readonly totals: readonly unknown[];
}

/** How a fold starts. `none`: the first record is the first total. */
export type FoldStart =
  | { readonly kind: "none" }
  | { readonly kind: "value"; readonly value: unknown };

/** `bag.fold-keys`: the part's records folded per key. Functions: key, binop. */
export const foldKeys: Kernel = (call) => {
  const keyOf = present(call.functions[0], "the key function of bag.foldBy");
  const fold = new Fold(present(call.functions[1], "the binop of bag.foldBy"));
  const { start } = call.params as { readonly start: FoldStart };
  const read = batchesOf(call.arguments[0]).visit((batch) =>
    chain(applyEach(keyOf, batch), (keys) => fold.addAll(ColumnReader.of(keys), batch, start)),
  );
  return chain(read, () => fold.table());
};

/** `bag.merge-folds`: fold tables combined, keys in order of first appearance. Functions: combine. */
export const mergeFolds: Kernel = async (call) => {
  const fold = new Fold(present(call.functions[0], "the combine function of bag.foldBy"));
  for await (const part of listOf<FoldTable>(call.arguments[0])) {
    await fold.addAll(new ColumnReader(part.keys), part.totals, { kind: "none" });
  }
  return fold.table();
};

/** `bag.fold-pairs`: a fold table as records `[key, total]`. */
export const foldPairs: Kernel = (call) =>
  new Batches(inBatches(pairs(call.arguments[0] as FoldTable)));

class Fold {
  readonly #keys = new KeyTable();
  readonly #totals: unknown[] = [];
  readonly #binop: UserFunction;

  constructor(binop: UserFunction) {
    this.#binop = binop;
  }

  /** Folds each value into the total of its key: only a binop that is async costs a turn of the event loop per value. */
  addAll(keys: ColumnReader, values: readonly unknown[], start: FoldStart): MaybePromise<void> {
    // All keys before the first call: it may change what is the key of a later value.
    const numbers = new Int32Array(values.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = this.#keys.add(keys.next());
    for (let i = 0; i < values.length; i++) {
      const waits = this.#add(numbers[i] ?? 0, values[i], start);
      if (waits) return waits.then(() => this.#addFrom(i + 1, numbers, values, start));
    }
    return undefined;
  }

  async #addFrom(
    first: number,
    numbers: Int32Array,
    values: readonly unknown[],
    start: FoldStart,
  ): Promise<void> {
    for (let i = first; i < values.length; i++) {
      const waits = this.#add(numbers[i] ?? 0, values[i], start);
      if (waits) await waits;
    }
  }

  /** Folds `value` into the total of the key with this number; answers a promise if the binop does. */
  #add(number: number, value: unknown, start: FoldStart): Promise<void> | undefined {
    const isNew = number === this.#totals.length;
    if (isNew && start.kind === "none") {
      this.#totals.push(value);
      return undefined;
    }
    const before = isNew && start.kind === "value" ? freshCopy(start.value) : this.#totals[number];
    const total = this.#binop(before, value);
    if (isThenable(total)) return this.#settle(number, total);
    this.#totals[number] = total;
    return undefined;
  }

  table(): FoldTable {
    return { keys: this.#keys.column(), totals: this.#totals };
  }

  async #settle(number: number, total: PromiseLike<unknown>): Promise<void> {
    this.#totals[number] = await total;
  }
}

/** Every total starts with a value of its own, so that a binop may change it in place. */
export function freshCopy(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

function* pairs(table: FoldTable): Generator<readonly unknown[]> {
  let i = 0;
  for (const key of valuesOf(table.keys)) yield [key, table.totals[i++]];
}
