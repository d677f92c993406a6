import { type KeyColumn, keyColumn, keysOf } from "./bag-key-column.ts";

/** Records as they travel: field by field if all have the same fields, since numbers and texts of one field pack fast. */
export type RecordColumn =
  | { readonly kind: "rows"; readonly rows: readonly unknown[] }
  | {
      readonly kind: "fields";
      readonly count: number;
      readonly names: readonly string[];
      readonly columns: readonly KeyColumn[];
    };

/** More fields than this are a dictionary and no shape. */
const fieldsMax = 32;

/** `records` as a column. */
export function recordColumn(records: readonly unknown[]): RecordColumn {
  const names = fieldsOf(records[0]);
  if (names === undefined || !areAllOf(names, records)) return { kind: "rows", rows: records };
  const columns = names.map((name) => keyColumn(records.map((record) => record[name])));
  return { kind: "fields", count: records.length, names, columns };
}

/** The records of a column, in order. */
export function rowsOf(column: RecordColumn): readonly unknown[] {
  if (column.kind === "rows") return column.rows;
  const { count, names, columns } = column;
  const values = columns.map((each) => (each.kind === "text" ? [...keysOf(each)] : each.values));
  const empty: Readonly<Record<string, unknown>> = Object.fromEntries(
    names.map((name) => [name, undefined]),
  );
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) {
    // A copy has its fields already: filling them in does not change its shape.
    const row: Record<string, unknown> = { ...empty };
    for (let field = 0; field < names.length; field++) {
      row[names[field] ?? ""] = values[field]?.[i];
    }
    rows.push(row);
  }
  return rows;
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
  for (const record of records) {
    if (!isPlainRecord(record)) return false;
    let field = 0;
    for (const name in record) if (names[field++] !== name) return false;
    if (field !== names.length) return false;
  }
  return true;
}
