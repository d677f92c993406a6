import { present } from "../../base/assert.ts";
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
  for (const [i, key] of keys.entries()) {
    if (typeof key !== "string") return { kind: "values", values: keys };
    lengths[i] = key.length;
  }
  return { kind: "text", text: keys.join(""), lengths };
}

/** `keys` in as few bytes as all of them need; undefined if one is no number. */
function numbersOf(keys: readonly unknown[]): Int32Array | Float64Array | undefined {
  const small = new Int32Array(keys.length);
  for (const [i, key] of keys.entries()) {
    if (typeof key !== "number") return undefined;
    if (!Object.is(key | 0, key)) return doublesOf(keys);
    small[i] = key;
  }
  return small;
}

function doublesOf(keys: readonly unknown[]): Float64Array | undefined {
  const doubles = new Float64Array(keys.length);
  for (const [i, key] of keys.entries()) {
    if (typeof key !== "number") return undefined;
    doubles[i] = key;
  }
  return doubles;
}

/** The keys of a column, in order. */
export function* keysOf(column: KeyColumn): Generator<unknown> {
  if (column.kind !== "text") {
    yield* column.values;
    return;
  }
  let start = 0;
  for (let i = 0; i < column.lengths.length; i++) {
    const end = start + present(column.lengths[i], "the length of a key");
    yield column.text.slice(start, end);
    start = end;
  }
}
