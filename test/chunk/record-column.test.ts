import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  type FieldColumns,
  type RecordColumn,
  recordColumn,
  rowsOf,
} from "../../src/chunk/record-column.ts";
import { decodeValue, encodeValue } from "../../src/chunk/value-codec.ts";
import { processMemory } from "../../src/worker/memory-pressure.ts";

const odd = { n: Number.NaN, t: "\ud800", v: undefined as unknown };

test.each<[string, RecordColumn["kind"], readonly unknown[]]>([
  [
    "alike",
    "fields",
    [
      { id: 1, t: "a" },
      { id: -2, t: "" },
    ],
  ],
  [
    "with odd values",
    "fields",
    [odd, { n: -0, t: "\udc00字", v: null }, { n: 0.5, t: "", v: { a: [1n] } }],
  ],
  ["with mixed fields", "fields", [{ a: 1 }, { a: "1" }, { a: [new Date(5)] }]],
  [
    "with integer-like names",
    "fields",
    [
      { 2: "b", 1: "a" },
      { 1: 3, 2: 4 },
    ],
  ],
  [
    "in another order",
    "rows",
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
  ],
  ["with a field more", "rows", [{ a: 1 }, { a: 1, b: undefined }]],
  ["with a field less", "rows", [{ a: 1, b: 2 }, { a: 1 }]],
  ["without fields", "rows", [{}, {}]],
  ["and a list", "rows", [{ a: 1 }, [1]]],
  ["and a Date", "rows", [{ a: 1 }, new Date(0)]],
  ["and null", "rows", [{ a: 1 }, null]],
  ["without prototype", "rows", [Object.assign(Object.create(null) as object, { a: 1 })]],
  ["with a field called __proto__", "rows", [JSON.parse('{"__proto__":1}')]],
  [
    "with very many fields",
    "rows",
    [Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, i]))],
  ],
  ["that are none", "rows", []],
])("records %s come back as they were", (_name, kind, records) => {
  const column = recordColumn(records);
  expect(column.kind).toBe(kind);
  const back = rowsOf(decodeValue(encodeValue(column)) as RecordColumn, "own");
  expect(back).toStrictEqual(records);
  expect(back.map((row) => Object.keys(Object(row) as object))).toEqual(
    records.map((record) => Object.keys(Object(record) as object)),
  );
});

test.each([
  ["a process that may make code", "compiled"],
  ["one that may not", "not compiled"],
])("records are taken apart and made alike in %s", async (_name, how) => {
  const names = ["a", 'the "second"\u2028', "${", "\\"];
  const values = [[1, 2], ["x", "y"], new Int32Array([3, 4]), [undefined, null]];
  const flags = how === "compiled" ? [] : ["--disallow-code-generation-from-strings"];
  const program = `
    import { recordShape } from ${JSON.stringify(new URL("../../src/chunk/record-shape.ts", import.meta.url).href)};
    const values = [[1, 2], ["x", "y"], new Int32Array([3, 4]), [undefined, null]];
    const shape = recordShape(${JSON.stringify(names)});
    const rows = shape.rows(2, values);
    console.log(JSON.stringify([rows, shape.columns(rows)]));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "-e", program]);
  const expected = [0, 1].map((i) =>
    Object.fromEntries(names.map((name, field) => [name, values[field]?.[i]])),
  );
  const columns = values.map((column) => [...column]);
  expect(stdout.trim()).toBe(JSON.stringify([expected, columns]));
});

test.each([
  ["own", "no text but its own"],
  ["cut", "no more than a few beside"],
] as const)("a record with texts that are %s holds, when it is kept, %s", (texts, _what) => {
  const records = Array.from({ length: 5000 }, (_, i) => ({
    id: i,
    ascii: `a text of which there are many ${i}`,
    wide: `ein langer Text mit Umläuten und 字 ${i}`,
  }));
  const bytes = encodeValue(recordColumn(records));
  const kept: unknown[] = [];
  const heldBytes = (): number => {
    processMemory.collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heldBytes();
  for (let i = 0; i < 100; i++) kept.push(rowsOf(decodeValue(bytes) as RecordColumn, texts)[i]);
  expect(heldBytes() - before).toBeLessThan(2_000_000); // All texts of one column are half a megabyte.
  expect(kept[77]).toEqual(records[77]);
});

test("texts that are cut are the same, of any length", () => {
  const lengths = [0, 1, 12, 13, 1000, 1023, 1024, 1025, 3000, 0, 24, 1000, 24, 0];
  for (const letter of ["a", "ü", "字"]) {
    const long = lengths.map((length, i) => ({ text: letter.repeat(length) + i }));
    const short = Array.from({ length: 300 }, (_, i) => ({ text: `${letter}${i}` }));
    const records = [...short, ...long, ...short];
    const column = recordColumn(records) as FieldColumns;
    expect(column.columns[0]?.kind).toBe("text");
    expect(rowsOf(column, "cut")).toEqual(records);
  }
});
