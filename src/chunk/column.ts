/**
 * Values as they travel together: texts as one and the lengths of its pieces, numbers as they lie in memory, else a
 * list. One long text and typed arrays are packed and read at the speed of memory, by code that needs no warming up.
 */
export type Column =
  | { readonly kind: "text"; readonly text: string; readonly lengths: Uint32Array }
  | { readonly kind: "numbers"; readonly values: Int32Array | Float64Array }
  | { readonly kind: "values"; readonly values: readonly unknown[] };

/** `values` as a column. Texts of more than `textCharsMax` characters on average stay a list. */
export function columnOf(
  values: readonly unknown[],
  textCharsMax: number = Number.POSITIVE_INFINITY,
): Column {
  if (typeof values[0] === "number") {
    const numbers = numbersOf(values);
    return numbers === undefined
      ? { kind: "values", values }
      : { kind: "numbers", values: numbers };
  }
  const lengths = new Uint32Array(values.length);
  let chars = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "string") return { kind: "values", values };
    lengths[i] = value.length;
    chars += value.length;
  }
  if (chars > textCharsMax * values.length) return { kind: "values", values };
  return { kind: "text", text: values.join(""), lengths };
}

/** `values` in as few bytes as all of them need; undefined if one is no number. */
function numbersOf(values: readonly unknown[]): Int32Array | Float64Array | undefined {
  const small = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    if (!Object.is(value | 0, value)) return doublesOf(values);
    small[i] = value;
  }
  return small;
}

function doublesOf(values: readonly unknown[]): Float64Array | undefined {
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    doubles[i] = value;
  }
  return doubles;
}

/** Gives the values of a column one by one, in order: an iterator would make an object of each. */
export class ColumnReader {
  readonly #column: Column;
  readonly length: number;
  #next = 0;
  /** Where the next text starts. */
  #start = 0;

  constructor(column: Column) {
    this.#column = column;
    this.length = column.kind === "text" ? column.lengths.length : column.values.length;
  }

  /** Reads values that are in no column. */
  static of(values: readonly unknown[]): ColumnReader {
    return new ColumnReader({ kind: "values", values });
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

/** The values of a column, in order. */
export function* valuesOf(column: Column): Generator<unknown> {
  const values = new ColumnReader(column);
  for (let i = 0; i < values.length; i++) yield values.next();
}
