import { describe, expect, test } from "vitest";
import { type Random, seededRandom } from "../../../src/base/seeded-random.ts";
import {
  ExactSquares,
  ExactSum,
  nearestDouble,
  squareRoot,
  unitBits,
  unitsOf,
} from "../../../src/worker/kernels/exact-sum.ts";

/** A double as a fraction, by doubling it until it is whole: shares nothing with what is tested. */
function fraction(value: number): { readonly top: bigint; readonly power: number } {
  let top = value;
  let power = 0;
  while (!Number.isInteger(top)) {
    top *= 2;
    power++;
  }
  return { top: BigInt(top), power };
}

/** `value` in units of 2^-2148, as far as every double and every square goes. */
function wide(value: number): bigint {
  const { top, power } = fraction(value);
  return top << BigInt(2148 - power);
}

function neighbours(value: number): number[] {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  return [-1n, 1n].map((step) => {
    const other = BigInt64Array.of((bits[0] ?? 0n) + step);
    return new Float64Array(other.buffer)[0] ?? Number.NaN;
  });
}

const sizes: Readonly<Record<string, (random: Random) => number>> = {
  "of one size": (random) => random.next() - 0.5,
  whole: (random) => random.below(1000) - 500,
  "of every size": (random) => (random.next() - 0.5) * 2 ** (random.below(2000) - 1050),
  "of few sizes that cancel": (random) =>
    (random.below(2) * 2 - 1) * (1 + random.next()) * 2 ** (40 * random.below(4)),
  "near the largest": (random) => (random.next() - 0.5) * Number.MAX_VALUE,
  "near the smallest": (random) => (random.below(2000) - 1000) * Number.MIN_VALUE,
};

function numbers(size: (random: Random) => number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 2000 }, () => size(random));
}

describe.each(Object.entries(sizes))("numbers %s", (_name, size) => {
  test.each([1, 2, 3])("are summed exactly, and so are their squares (seed %i)", (seed) => {
    const values = numbers(size, seed);
    const sum = new ExactSum();
    const squares = new ExactSquares();
    for (const value of values) {
      sum.add(value);
      squares.add(value);
    }
    const exact = values.reduce((total, value) => total + wide(value), 0n);
    expect(sum.units() << BigInt(2148 - unitBits)).toBe(exact);
    const squared = values.reduce((total, value) => {
      const { top, power } = fraction(value);
      return total + ((top * top) << BigInt(2148 - 2 * power));
    }, 0n);
    expect(squares.units()).toBe(squared);
  });

  test("are the same as doubles after they were whole numbers", () => {
    for (const value of numbers(size, 4)) {
      expect(nearestDouble(unitsOf(value), 1n, -unitBits)).toBe(value === 0 ? 0 : value);
    }
  });
});

test("a quotient is rounded to the nearest double", () => {
  const random = seededRandom(5);
  for (let i = 0; i < 3000; i++) {
    const dividend = BigInt(random.below(2 ** 31) + 1) ** BigInt(1 + random.below(8));
    const divisor = BigInt(random.below(2 ** 31) + 1) ** BigInt(1 + random.below(3));
    const exponent = random.below(200) - 600;
    const nearest = nearestDouble(dividend, divisor, exponent);
    // All times divisor × 2^2148: whole numbers.
    const exact = dividend << BigInt(2148 + exponent);
    const distance = (value: number): bigint => {
      const off = wide(value) * divisor - exact;
      return off < 0n ? -off : off;
    };
    for (const other of neighbours(nearest)) {
      expect(distance(nearest), `${dividend}/${divisor}`).toBeLessThanOrEqual(distance(other));
    }
  }
});

test.each<[name: string, expected: number, quotient: [bigint, bigint, number]]>([
  ["a tie to the even one below", 2 ** 53, [2n ** 53n + 1n, 1n, 0]],
  ["a tie to the even one above", 2 ** 53 + 4, [2n ** 53n + 3n, 1n, 0]],
  ["more than a tie", 2 ** 53 + 2, [(2n ** 53n + 1n) * 3n + 1n, 3n, 0]],
  ["above all doubles", Number.POSITIVE_INFINITY, [2n ** 1024n, 1n, 0]],
  ["the largest", Number.MAX_VALUE, [2n ** 1024n - 2n ** 970n - 1n, 1n, 0]],
  ["half of the smallest, to zero", 0, [1n, 2n, -1074]],
  ["a little more, to the smallest", Number.MIN_VALUE, [2n ** 60n + 1n, 2n ** 61n, -1074]],
  ["a negative one", -1 / 3, [-1n, 3n, 0]],
  ["nothing", 0, [0n, 7n, -2148]],
])("%s", (_name, expected, quotient) => {
  expect(nearestDouble(...quotient)).toBe(expected);
});

test.each<[number, bigint, bigint, number]>([
  [3, 9n, 1n, 0],
  [0.5, 1n, 4n, 0],
  [2 ** 500, 1n, 1n, 1000],
  [2 ** 1023, 2n ** 2046n, 1n, 0],
  [Number.MIN_VALUE, 1n, 1n, -2148],
  [Math.sqrt(2), 2n, 1n, 0],
  [0, 0n, 5n, -2148],
])("the root %d", (expected, dividend, divisor, exponent) => {
  expect(squareRoot(dividend, divisor, exponent)).toBe(expected);
});
