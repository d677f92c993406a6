import { describe, expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import { decodeValue, encodeValue } from "../../src/chunk/value-codec.ts";
import { refusalOf, roundTrip } from "./round-trip.ts";

describe("a value nested deeper than one goes by recursion", () => {
  test.each([
    ["arrays", (inner: unknown) => [inner]],
    ["records", (inner: unknown) => ({ inner })],
    ["records without prototype", (inner: unknown) => ({ __proto__: null, inner })],
    ["Maps", (inner: unknown) => new Map([["inner", inner]])],
    ["keys of Maps", (inner: unknown) => new Map([[inner, 1]])],
    ["Sets", (inner: unknown) => new Set([inner])],
    ["causes of errors", (cause: unknown) => new Error("outer", { cause })],
  ])("comes back as it was, of %s", (_, wrap) => {
    const most = wrap(1) instanceof Error ? 3000 : 100_000; // Each error has the text of its stack.
    for (const levels of [499, 500, 501, 502, 1001, 1002, most]) {
      let value: unknown = { bottom: new Date(levels), zero: -0 };
      for (let i = 0; i < levels; i++) value = wrap(value);

      let back = roundTrip(value);
      for (let i = 0; i < levels; i++) {
        if (!isWrappedAlike(back, value)) throw new Error(`level ${i} is another thing`);
        [back, value] = [insideOf(back), insideOf(value)];
      }
      expect(back).toStrictEqual(value);
    }
  });

  test("comes back with all that lies beside, of many shapes", () => {
    const levels = 5000;
    let value: Tree = { left: null, right: null, name: "leaf" };
    for (let i = 0; i < levels; i++) {
      const twig = { left: null, right: null, name: `twig ${i}` };
      value =
        i % 2 === 0 ? { left: value, right: twig, name: i } : { left: twig, right: value, name: i };
    }
    let back = roundTrip(value) as Tree;
    for (let i = levels - 1; i >= 0; i--) {
      const [inner, twig] = i % 2 === 0 ? [back.left, back.right] : [back.right, back.left];
      expect([back.name, twig?.name]).toEqual([i, `twig ${i}`]);
      back = inner as Tree;
    }
    expect(back.name).toBe("leaf");
  });

  test("leaves nothing behind when it is cut off", () => {
    const bytes = encodeValue(nested(2000, 1));
    expect(() => decodeValue(bytes.subarray(0, bytes.length - 10))).toThrow(/not an encoded value/);
    let back = roundTrip(nested(2000, "other"));
    for (let i = 0; i < 2000; i++) back = insideOf(back);
    expect(back).toBe("other");
  });
});

describe("what is no data is told apart", () => {
  test("a cycle, a function and too much, further down than one goes by recursion", () => {
    const cycle: unknown[] = [];
    cycle.push(1, nested(20_000, cycle));
    expect(refusalOf(cycle)).toMatch(
      /^not plain data: result\[1\][[\]0]+ … [[\]0]+: a cycle \(it is result again\)$/,
    );
    expect(refusalOf(nested(100_000, isLambdaskError))).toMatch(
      /^not plain data: result[[\]0]+ … [[\]0]+: the function isLambdaskError$/,
    );
    let doubled: unknown = 1;
    for (let i = 0; i < 600; i++) doubled = [doubled, doubled];
    expect(() => encodeValue(doubled, "result")).toThrow(/^result: it takes more than 4 GiB/);
  });
});

interface Tree {
  readonly left: Tree | null;
  readonly right: Tree | null;
  readonly name: string | number;
}

function nested(levels: number, bottom: unknown): unknown {
  let value = bottom;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

function isWrappedAlike(a: unknown, b: unknown): boolean {
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
}

function insideOf(value: unknown): unknown {
  if (value instanceof Map) return value.has("inner") ? value.get("inner") : [...value.keys()][0];
  if (value instanceof Error) return value.cause;
  return value instanceof Set ? [...value][0] : Object.values(value as object)[0];
}
