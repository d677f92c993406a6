import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, nameOfBytes } from "../../src/base/content-name.ts";
import { isLambdaskError } from "../../src/base/errors.ts";
import { parseContentName } from "../../src/base/ids.ts";

describe("the name of bytes", () => {
  test("is the start of their SHA-256", () => {
    // The digest of "abc" is an example in FIPS 180-2.
    expect(nameOfBytes("abc")).toBe("ba7816bf8f01cfea414140de5dae2223");
    expect(nameOfBytes(new Uint8Array([97, 98, 99]))).toBe(nameOfBytes("abc"));
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    expect(nameOfBytes(bytes)).toBe(createHash("sha256").update(bytes).digest("hex").slice(0, 32));
    expect(parseContentName(nameOfBytes("abc"))).toBe(nameOfBytes("abc"));
  });
});

describe("the name of a value", () => {
  test("does not depend on the order of fields, entries and items, but on that of arrays", () => {
    expect(nameOf({ a: 1, b: { c: 2, d: 3 } })).toBe(nameOf({ b: { d: 3, c: 2 }, a: 1 }));
    expect(
      nameOf(
        new Map<unknown, number>([
          ["a", 1],
          [2, 2],
        ]),
      ),
    ).toBe(
      nameOf(
        new Map<unknown, number>([
          [2, 2],
          ["a", 1],
        ]),
      ),
    );
    expect(nameOf(new Set([1, 2, 3]))).toBe(nameOf(new Set([3, 1, 2])));
    expect(nameOf([1, 2])).not.toBe(nameOf([2, 1]));
    expect(nameOf(Object.assign(Object.create(null), { a: 1 }))).toBe(nameOf({ a: 1 }));
  });

  test("differs for values that differ, in kind as well as in content", () => {
    const values: unknown[] = [
      undefined,
      null,
      true,
      false,
      0,
      -0,
      1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1n,
      -1n,
      "",
      "1",
      "1n",
      "u",
      "null",
      "a",
      "b",
      "\ud800",
      "\ud801",
      "\ufffd",
      ["\udc00"],
      ["\udc01"],
      [],
      [[]],
      [1],
      ["1"],
      [1, 2],
      [[1], 2],
      [1, [2]],
      [undefined],
      {},
      { a: 1 },
      { a: "1" },
      { a: undefined },
      { b: 1 },
      { a: { a: 1 } },
      { "a:1": 1 },
      new Map(),
      new Map([["a", 1]]),
      new Set(),
      new Set(["a", 1]),
      new Set([["a", 1]]),
      new Date(0),
      new Date(1),
      new Date(Number.NaN),
      /a/,
      /a/g,
      /b/,
      new Uint8Array([1, 0]),
      new Int8Array([1, 0]),
      new Uint16Array([1]),
      new Uint8Array([1]),
      new Float64Array([1]),
      "s1:a",
      ["a", "b"],
      ["ab"],
      ["a,b"],
    ];

    const names = values.map(nameOf);

    expect(new Set(names).size).toBe(values.length);
  });

  test("is the same for equal values however they came to be (fast-check)", () => {
    const data = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(data, (value) => {
        expect(nameOf(structuredClone(value))).toBe(nameOf(value));
      }),
    );
  });

  test("is the one it was: names are stored, and must not change between releases", () => {
    // SHA-256 of "{1:s1:a[2:n1;s1:x", worked out by hand from the rules.
    const text = "{1:s1:a[2:n1;s1:x";
    expect(nameOf({ a: [1, "x"] })).toBe(
      createHash("sha256").update(text).digest("hex").slice(0, 32),
    );
  });

  test("of a view depends on what it shows, not on the buffer behind it", () => {
    const whole = new Uint8Array([1, 2, 3, 4]);

    expect(nameOf(whole.subarray(1, 3))).toBe(nameOf(new Uint8Array([2, 3])));
  });

  test("of large Maps and Sets is no matter of stack space", () => {
    const large = new Set(Array.from({ length: 300_000 }, (_, i) => i));

    expect(nameOf(large)).not.toBe(nameOf(new Set()));
  });

  test("is refused for what is not data", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [() => 1, Symbol("a"), new (class Point {})(), cycle, Promise.resolve()]) {
      let thrown: unknown;
      try {
        nameOf({ value });
      } catch (error) {
        thrown = error;
      }
      expect(isLambdaskError(thrown, "NOT_DATA")).toBe(true);
    }
  });
});
