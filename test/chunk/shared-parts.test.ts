import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";
import { refusalOf, roundTrip } from "./round-trip.ts";

/** `part` in 2 ** `levels` places. */
function doubled(part: unknown, levels: number): unknown {
  let value = part;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value, value] : { a: value, b: value };
  return value;
}

/** The same with no object in two places. */
function unshared(part: () => unknown, levels: number): unknown {
  if (levels === 0) return part();
  const [a, b] = [unshared(part, levels - 1), unshared(part, levels - 1)];
  return levels % 2 === 1 ? [a, b] : { a, b };
}

function nested(bottom: unknown, levels: number): unknown {
  let value = bottom;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

const parts: readonly (readonly [string, () => unknown])[] = [
  ["a number", () => 1],
  ["a long list", () => Array.from({ length: 100 }, (_, i) => i)],
  ["records of one shape", () => Array.from({ length: 20 }, (_, i) => ({ i, text: `t${i}` }))],
  ["what MessagePack has no form for", () => [-0, new Date(5), new Set([1n]), { __proto__: null }]],
  ["a Map", () => new Map(Array.from({ length: 50 }, (_, i) => [i, -0]))],
  ["a dictionary", () => Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, i]))],
];

describe("a part that lies in many places is written at each", () => {
  test.each(parts)("%s", (_, make) => {
    for (const levels of [1, 2, 3, 8]) {
      const once = unshared(make, levels);
      const many = doubled(make(), levels);
      expect(isDeepStrictEqual(roundTrip(many), once)).toBe(true);
      expect(Buffer.from(encodeValue(many)).equals(encodeValue(once))).toBe(true);
    }
  });

  test("also where it fits at the first and goes too deep at the next", () => {
    const make = (): unknown =>
      nested(
        Array.from({ length: 100 }, (_, i) => i),
        300,
      );
    const part = make();
    const bytes = encodeValue([part, nested(part, 300), part]);
    expect(Buffer.from(bytes).equals(encodeValue([make(), nested(make(), 300), make()]))).toBe(
      true,
    );
    const deep = nested(make(), 900);
    const shared = [deep, nested(deep, 700), deep];
    const once = [nested(make(), 900), nested(make(), 1600), nested(make(), 900)];
    expect(Buffer.from(encodeValue(roundTrip(shared))).equals(encodeValue(once))).toBe(true);
  });

  test("until that would take more bytes than there may be, which is told at once", () => {
    const levels = 60;
    const wraps: readonly ((inner: unknown) => unknown)[] = [
      (inner) => [inner, inner],
      (inner) => ({ a: inner, b: inner }),
      (inner) => ({ __proto__: null, a: inner, b: inner }),
      (inner) => new Map([[inner, inner]]),
      (inner) => new Set([[inner], inner]),
      (cause) => new AggregateError([cause], "both", { cause }),
    ];
    for (const wrap of wraps) {
      let value: unknown = [1];
      for (let i = 0; i < levels; i++) value = wrap(value);
      expect(codeOf(value)).toBe("LIMIT");
    }
    const numbers = Array.from({ length: 2 ** 16 }, (_, i) => i);
    expect(codeOf(Array.from({ length: 2 ** 16 }, () => numbers))).toBe("LIMIT");
  });

  test("and what is no data in it is named as ever", () => {
    expect(refusalOf(doubled([1, () => 1], 60))).toMatch(
      /^not plain data: result\.a.*: a function$/,
    );
    const ring: unknown[] = [];
    ring.push(doubled([1], 20), doubled(ring, 60));
    expect(refusalOf(ring)).toMatch(/: a cycle \(it is result again\)$/);
  });
});

function codeOf(value: unknown): string {
  try {
    encodeValue(value, "result");
  } catch (error) {
    if (isLambdaskError(error)) return error.code;
  }
  return "";
}
