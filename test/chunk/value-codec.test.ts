import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import { decodeValue, encodeValue } from "../../src/chunk/value-codec.ts";
import { refusalOf, roundTrip } from "./round-trip.ts";

describe("a value comes back as it was", () => {
  test.each([
    ["undefined", undefined],
    ["null", null],
    ["true", true],
    ["an empty text", ""],
    ["a text beyond ASCII", "grün 😀 \u0000 日本"],
    ["a long text", "x".repeat(100_000)],
    ["a lone surrogate", "a\ud800b\udc00"],
    ["a text that starts with a byte order mark", "\ufeff"],
    ["a long one", `\ufeff${"x".repeat(100)}`],
    ["two marks", `\ufeff\ufeff${"é".repeat(100)}`],
    ["a mark further on", `x\ufeff${"x".repeat(100)}`],
    ["a field named so", { [`\ufeff${"x".repeat(100)}`]: 1 }],
    ["a key of a Map", new Map([[`\ufeff${"x".repeat(100)}`, 1]])],
    ["zero", 0],
    ["minus zero", -0],
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["minus infinity", Number.NEGATIVE_INFINITY],
    ["the largest safe integer", Number.MAX_SAFE_INTEGER],
    ["the smallest number", Number.MIN_VALUE],
    ["a small bigint", 7n],
    ["a bigint beyond 64 bits", -(2n ** 200n) + 1n],
    ["a huge bigint", 3n ** 100_000n],
    ["a date", new Date(86_400_000.0 * 365.25)],
    ["a date before 1970", new Date(-1)],
    ["the last date", new Date(8.64e15)],
    ["an invalid date", new Date(Number.NaN)],
    ["a pattern", /a(?<b>c)\/"/giu],
    // biome-ignore lint/complexity/useRegexLiterals: a literal cannot have these characters themselves.
    ["a pattern with a lone surrogate", new RegExp("\ud800")],
    ["a long pattern that starts with a mark", new RegExp(`\ufeff${"x".repeat(100)}`)],
    [
      "a Map with keys of all kinds",
      new Map<unknown, unknown>([
        [null, 1],
        [{ a: 1 }, 2],
        [-0 + 1, "x"],
        ["x", new Map()],
      ]),
    ],
    ["a Set", new Set<unknown>([1, "1", 1n, undefined, Number.NaN])],
    ["an empty array", []],
    ["nested records", { a: { b: { c: [{}] } } }],
    ["a record with an undefined field", { a: undefined, b: [undefined] }],
    ["numbers around the record ids", Array.from({ length: 300 }, (_, i) => i)],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
    ["a DataView", new DataView(new Uint8Array([9, 8, 7]).buffer)],
    ["a Buffer", Buffer.from("abc")],
  ])("%s", (_, value) => {
    const back = roundTrip(value);

    expect(back).toStrictEqual(value);
    expect(Object.is(back, -0)).toBe(Object.is(value, -0));
  });

  test.each([
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float16Array,
    Float32Array,
    Float64Array,
  ])("a %o, from the middle of a larger buffer", (Kind) => {
    const whole = Kind.from([0, 1, 2, 3, 4, 5]);
    const view = whole.subarray(2, 5);

    const back = roundTrip({ view });

    expect(back).toStrictEqual({ view: Kind.from([2, 3, 4]) });
  });

  test("64-bit integer arrays", () => {
    const value = [new BigInt64Array([-1n, 2n ** 62n]), new BigUint64Array([2n ** 64n - 1n])];

    expect(roundTrip(value)).toStrictEqual(value);
  });

  test("a minus zero, a NaN and a lone surrogate deep inside, without changing the original", () => {
    const value = { a: [1, -0, { b: Number.NaN, c: "\udfff" }], d: new Map([["\ud800", -0]]) };
    const before = structuredClone(value);

    const back = roundTrip(value);

    expect(back).toStrictEqual(before);
    expect(value).toStrictEqual(before);
  });

  test("holes of arrays become undefined", () => {
    // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
    expect(roundTrip([1, , 3])).toStrictEqual([1, undefined, 3]);
  });

  test("fields of an array beside its items, and fields named by symbols, are left out", () => {
    const match = "May 2026".match(/(?<year>\d+)/);
    expect(match?.groups?.["year"]).toBe("2026");
    expect(Object.keys(roundTrip(match) as object)).toEqual(["0", "1"]);
    expect(Reflect.ownKeys(roundTrip({ a: 1, [Symbol.for("b")]: 2 }) as object)).toEqual(["a"]);
  });

  test("an object met twice becomes two", () => {
    const one = { a: 1 };
    const [first, second] = roundTrip([one, one]) as object[];
    expect([first, second]).toEqual([one, one]);
    expect(first).not.toBe(second);
  });

  test("records without prototype stay so", () => {
    const value: unknown = Object.assign(Object.create(null), { a: 1, b: { c: 2 } });

    const back = roundTrip(value);

    expect(Object.getPrototypeOf(back)).toBe(null);
    expect({ ...(back as object) }).toEqual({ a: 1, b: { c: 2 } });
  });

  test.each([
    "__proto__",
    "__keys__",
    "constructor",
    "hasOwnProperty",
    "toJSON",
    "\ud800",
    "",
    "0",
  ])("the field name %o is data and nothing else", (name) => {
    const value = JSON.parse(`{${JSON.stringify(name)}: {"polluted": 1}, "b": 2}`) as object;

    const back = roundTrip([value, value]) as object[];

    expect(Object.keys(back[1] ?? {}).sort()).toEqual(Object.keys(value).sort());
    expect(Object.getOwnPropertyDescriptor(back[1], name)?.value).toEqual({ polluted: 1 });
    expect(Object.getPrototypeOf(back[1])).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  });

  test("dictionaries of 100,000 fields, and of more kinds of record than the packer keeps", () => {
    const dictionary = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const shapes = Array.from({ length: 500 }, (_, i) => ({ [`a${i}`]: 1, [`b${i % 7}`]: i }));

    expect(roundTrip(dictionary)).toEqual(dictionary);
    expect(roundTrip([...shapes, ...shapes])).toEqual([...shapes, ...shapes]);
  });

  test.each([
    ["of many fields", Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, -0]))],
    ["with a field whose name is no plain text", { minus: -0, "\ufeffname": [-0] }],
  ])("dictionaries %s lie in one another, and each is gone through once", (_, fields) => {
    let value: unknown = "bottom";
    for (let i = 0; i < 40; i++) value = { at: [i, -0], value, ...fields };
    const back = roundTrip(value);
    expect(isDeepStrictEqual(back, value)).toBe(true);
    // The order of fields too.
    expect(JSON.stringify(back)).toBe(JSON.stringify(value));
  });

  test("data of another realm is data of this one", () => {
    const foreign: unknown = vm.runInNewContext("({ a: [1, { b: 2 }] })");

    expect(roundTrip(foreign)).toEqual({ a: [1, { b: 2 }] });
  });

  test("any nesting of plain values (fast-check)", () => {
    const data = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withUnicodeString: true,
      maxDepth: 4,
    });

    fc.assert(
      fc.property(data, (value) => {
        expect(roundTrip(value)).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an error comes back", () => {
  test("as its built-in class, with name, message, stack, cause and own fields", () => {
    const cause = Object.assign(new RangeError("inner"), { code: "E_INNER" });
    const error = Object.assign(new TypeError("outer", { cause }), { rows: [1, 2], __note: -0 });

    const back = roundTrip({ error }) as {
      error: TypeError & { rows: number[]; cause: RangeError };
    };

    expect(back.error).toBeInstanceOf(TypeError);
    expect(back.error.message).toBe("outer");
    expect(back.error.stack).toBe(error.stack);
    expect(back.error.rows).toEqual([1, 2]);
    expect(back.error.cause).toBeInstanceOf(RangeError);
    expect(back.error.cause).toMatchObject({ message: "inner", code: "E_INNER" });
    expect(Object.keys(back.error).sort()).toEqual(["__note", "rows"]);
  });

  test("as the nearest built-in class when the user made the class", () => {
    class QuotaError extends RangeError {
      override name = "QuotaError";
      left = 3;
    }

    const back = roundTrip(new QuotaError("too much")) as QuotaError;

    expect(back).toBeInstanceOf(RangeError);
    expect(back.name).toBe("QuotaError");
    expect(back.left).toBe(3);
    expect("cause" in back).toBe(false);
  });

  test("with the errors it gathers", () => {
    const back = roundTrip(new AggregateError([new Error("a"), "b"], "both")) as AggregateError;

    expect(back).toBeInstanceOf(AggregateError);
    expect(back.message).toBe("both");
    expect(back.errors[0]).toBeInstanceOf(Error);
    expect(back.errors[1]).toBe("b");
  });
});

describe("what is not data is refused, and named by its path", () => {
  class Socket {
    open = true;
  }

  test.each([
    [
      "an instance",
      { rows: [1, 2, 3, { client: new Socket() }] },
      "result.rows[3].client: an instance of Socket",
    ],
    ["a function", { "a-b": function go() {} }, 'result["a-b"]: the function go'],
    ["an anonymous function", [() => 1], "result[0]: a function"],
    ["a symbol", Symbol("s"), "result: the symbol s"],
    ["a promise", new Map([["p", Promise.resolve(1)]]), 'result.get("p"): an instance of Promise'],
    ["a WeakMap in a Set", new Set([new WeakMap()]), "result.values()[0]: an instance of WeakMap"],
    [
      "a subclass of Array",
      [new (class Rows extends Array {})()],
      "result[0]: an instance of Rows",
    ],
    ["a subclass of Map", new (class Index extends Map {})(), "result: an instance of Index"],
    [
      "a field of an error",
      Object.assign(new Error("x"), { s: new Socket() }),
      "result.s: an instance of Socket",
    ],
    [
      "a cause of an error",
      new Error("x", { cause: new Socket() }),
      "result.cause: an instance of Socket",
    ],
    [
      "a lazy value",
      [{ [Symbol.for("lambdask.lazy")]: true, __proto__: Socket.prototype }],
      "result[0]: a lazy value (compute it first)",
    ],
    [
      "an object with an object behind it",
      Object.create(Object.create(null)),
      "result: an instance of an unnamed class",
    ],
    [
      "a generator",
      { rows: [1].values() },
      "result.rows: a generator or iterator (collect it into an array: [...it])",
    ],
    [
      "an async generator",
      (async function* () {})(),
      "result: an async generator or iterator (collect it into an array: await Array.fromAsync(it))",
    ],
    ["a boxed number", Object(1), "result: an instance of Number"],
  ])("%s", (_, value, message) => {
    expect(refusalOf(value)).toBe(`not plain data: ${message}`);
  });

  test("a cycle", () => {
    const value = { list: [{}] as { up?: unknown }[] };
    value.list[0] = { up: value };

    expect(refusalOf(value)).toBe(
      "not plain data: result.list[0].up: a cycle (it is result again)",
    );
  });
});

test("a value of more than 4 GiB is refused with the limit and the fix", () => {
  // Stands for gibibytes: the second look at it, the packer's, ends as the packer does when it is full.
  const full = "Packed buffer would be larger than maximum buffer size";
  const packer = new URL("pack.js", import.meta.resolve("msgpackr/pack"));
  expect(readFileSync(packer, "utf8")).toContain(`new Error('${full}')`);
  let walks = 0;
  const huge = new Proxy([1], {
    get(items, key) {
      if (key === "0" && ++walks > 1) throw new Error(full);
      return Reflect.get(items, key) as unknown;
    },
  });
  const refused = (): unknown => encodeValue(huge, "result");
  expect(refused).toThrow(
    /^result: it takes more than 4 GiB .* one value may take no more\n {2}fix: split it/,
  );
  walks = 0;
  expect(refused).toThrow(/\[LIMIT\]$/);
  expect(decodeValue(encodeValue({ after: [1, 2] }))).toEqual({ after: [1, 2] });
});

describe("bytes that nobody wrote", () => {
  test("are refused with CORRUPT_CHUNK or read as some value, but never crash (fast-check)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeValue(bytes);
        } catch (error) {
          expect(isLambdaskError(error, "CORRUPT_CHUNK")).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("cannot ask for more memory or stack than they are worth", () => {
    const manyItems = Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xff]);
    const deep = new Uint8Array(1_000_000).fill(0x91);

    expect(() => decodeValue(manyItems)).toThrow(/not an encoded value/);
    expect(() => decodeValue(deep)).toThrow(/not an encoded value/);
  });
});
