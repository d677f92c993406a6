import { expect, test } from "vitest";
import { decodeValue, encodeValue } from "../../../src/chunk/value-codec.ts";
import {
  type RecordColumn,
  recordColumn,
  rowsOf,
} from "../../../src/worker/kernels/bag-record-column.ts";

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
  const back = rowsOf(decodeValue(encodeValue(column)) as RecordColumn);
  expect(back).toStrictEqual(records);
  expect(back.map((row) => Object.keys(Object(row) as object))).toEqual(
    records.map((record) => Object.keys(Object(record) as object)),
  );
});
