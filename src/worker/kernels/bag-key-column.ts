import type { KeyTable } from "./bag-key-table.ts";

/** Keys as they travel: text as one string and the lengths of its pieces, numbers as they lie in memory, else an array. */
export type KeyColumn =
  | { readonly kind: "text"; readonly text: string; readonly lengths: Uint32Array }
  | { readonly kind: "numbers"; readonly values: Int32Array | Float64Array }
  | { readonly kind: "values"; readonly values: readonly unknown[] };

/** The keys of `table`, in order of number. */
export function keyColumnOf(table: KeyTable): KeyColumn {
  const texts = table.texts();
  if (texts !== undefined) return { kind: "text", ...texts };
  return keyColumn(Array.from({ length: table.size }, (_, number) => table.key(number)));
}

/** `keys` as a column. */
export function keyColumn(keys: readonly unknown[]): KeyColumn {
  if (typeof keys[0] === "number") {
    const values = numbersOf(keys);
    return values === undefined ? { kind: "values", values: keys } : { kind: "numbers", values };
  }
  const lengths = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== "string") return { kind: "values", values: keys };
    lengths[i] = key.length;
  }
  return { kind: "text", text: keys.join(""), lengths };
}

/** `keys` in as few bytes as all of them need; undefined if one is no number. */
function numbersOf(keys: readonly unknown[]): Int32Array | Float64Array | undefined {
  const small = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== "number") return undefined;
    if (!Object.is(key | 0, key)) return doublesOf(keys);
    small[i] = key;
  }
  return small;
}

function doublesOf(keys: readonly unknown[]): Float64Array | undefined {
  const doubles = new Float64Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== "number") return undefined;
    doubles[i] = key;
  }
  return doubles;
}

/** Gives the keys of a column one by one, in order: an iterator would make an object of each. */
export class KeyReader {
  readonly #column: KeyColumn;
  readonly length: number;
  #next = 0;
  /** Where the next text starts. */
  #start = 0;

  constructor(column: KeyColumn) {
    this.#column = column;
    this.length = column.kind === "text" ? column.lengths.length : column.values.length;
  }

  /** Reads keys that are in no column. */
  static of(keys: readonly unknown[]): KeyReader {
    return new KeyReader({ kind: "values", values: keys });
  }

  next(): unknown {
    const column = this.#column;
    const i = this.#next++;
    if (column.kind !== "text") return column.values[i];
    const start = this.#start;
    this.#start = start + (column.lengths[i] ?? 0);
    return column.text.slice(start, this.#start);
  }
}

/** The keys of a column, in order. */
export function* keysOf(column: KeyColumn): Generator<unknown> {
  const keys = new KeyReader(column);
  for (let i = 0; i < keys.length; i++) yield keys.next();
}
