import { Buffer } from "node:buffer";
import { type Column, columnOf } from "./column.ts";
import { cutCharsMin } from "./own-copy.ts";
import { recordShape } from "./record-shape.ts";

/** Records of the same fields, field by field. */
export interface FieldColumns {
  readonly kind: "fields";
  readonly count: number;
  readonly names: readonly string[];
  readonly columns: readonly Column[];
}

/** Records as they travel: field by field if all have the same fields, since numbers and texts of one field pack fast. */
export type RecordColumn =
  | { readonly kind: "rows"; readonly rows: readonly unknown[] }
  | FieldColumns;

/** More fields than this are a dictionary and no shape. */
const fieldsMax = 32;
/** Longer texts gain nothing from being one, and would be held twice meanwhile. */
const textCharsMax = 64;

/** `records` as a column. */
export function recordColumn(records: readonly unknown[]): RecordColumn {
  return fieldColumns(records) ?? { kind: "rows", rows: records };
}

/** `records` field by field; undefined if they are not alike. */
export function fieldColumns(records: readonly unknown[]): FieldColumns | undefined {
  const names = fieldsOf(records[0]);
  if (names === undefined || !areAllOf(names, records)) return undefined;
  const columns = recordShape(names)
    .columns(records)
    .map((values) => columnOf(values, textCharsMax));
  return { kind: "fields", count: records.length, names, columns };
}

/** Characters that a text which is cut keeps alive besides its own, at the most. */
const besideCharsMax = 1024;

/** The records of a column, in order. Texts that are `cut` keep some of their neighbours alive, and are made faster. */
export function rowsOf(column: RecordColumn, texts: "own" | "cut"): readonly unknown[] {
  if (column.kind === "rows") return column.rows;
  const values = column.columns.map((each) => listOf(each, texts));
  return recordShape(column.names).rows(column.count, values);
}

/** Columns as they were read, if they are what `fieldColumns` gives. */
export function isFieldColumns(value: unknown): value is FieldColumns {
  if (typeof value !== "object" || value === null) return false;
  const { kind, count, names, columns } = value as Partial<Record<keyof FieldColumns, unknown>>;
  if (kind !== "fields" || typeof count !== "number" || !Array.isArray(columns)) return false;
  const areNames = Array.isArray(names) && names.every((name) => typeof name === "string");
  return areNames && names.length === columns.length && !names.includes("__proto__");
}

function listOf(column: Column, texts: "own" | "cut"): ArrayLike<unknown> {
  if (column.kind !== "text") return column.values;
  const { text, lengths } = column;
  const own = ownTexts(text);
  if (texts === "cut") return cutTexts({ lengths, own });
  const pieces: string[] = [];
  let start = 0;
  for (let i = 0; i < lengths.length; i++) {
    const end = start + (lengths[i] ?? 0);
    pieces.push(end - start < cutCharsMin ? text.slice(start, end) : own(start, end));
    start = end;
  }
  return pieces;
}

/** Texts that are cut out of runs of texts: to copy a run is much less work than to copy each. */
function cutTexts({
  lengths,
  own,
}: {
  readonly lengths: Uint32Array;
  readonly own: Own;
}): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let i = 0; i < lengths.length; ) {
    let chars = lengths[i] ?? 0;
    let last = i + 1;
    for (; last < lengths.length && chars + (lengths[last] ?? 0) <= besideCharsMax; last++) {
      chars += lengths[last] ?? 0;
    }
    const run = own(start, start + chars);
    start += chars;
    for (let at = 0; i < last; i++) {
      const end = at + (lengths[i] ?? 0);
      pieces.push(run.slice(at, end));
      at = end;
    }
  }
  return pieces;
}

type Own = (start: number, end: number) => string;

/** Gives pieces of `text` that do not keep it alive. */
function ownTexts(text: string): Own {
  let bytes: Buffer | undefined;
  const isAscii = Buffer.byteLength(text) === text.length;
  return (start, end) => {
    bytes ??= Buffer.from(text, isAscii ? "latin1" : "utf16le");
    return isAscii
      ? bytes.toString("latin1", start, end)
      : bytes.toString("utf16le", 2 * start, 2 * end);
  };
}

type PlainRecord = Readonly<Record<string, unknown>>;

function isPlainRecord(value: unknown): value is PlainRecord {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The names of a record's fields; undefined of anything else, and of fields that assigning would not make. */
function fieldsOf(record: unknown): readonly string[] | undefined {
  if (!isPlainRecord(record)) return undefined;
  const names = Object.keys(record);
  const isShape = names.length > 0 && names.length <= fieldsMax && !names.includes("__proto__");
  return isShape ? names : undefined;
}

/** True if all are records with these fields, in this order. */
function areAllOf(
  names: readonly string[],
  records: readonly unknown[],
): records is readonly PlainRecord[] {
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!isPlainRecord(record)) return false;
    let field = 0;
    for (const name in record) if (names[field++] !== name) return false;
    if (field !== names.length) return false;
  }
  return true;
}
