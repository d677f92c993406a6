import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";

/** sfc32 as its author publishes it, on big integers: slow, and written from the reference alone. */
function* reference(a: bigint, b: bigint, c: bigint): Generator<number> {
  const word = (value: bigint): bigint => value & 0xffff_ffffn;
  let counter = 1n;
  for (;;) {
    const t = word(a + b + counter);
    counter = word(counter + 1n);
    a = b ^ (b >> 9n);
    b = word(c + (c << 3n));
    c = word(((c << 21n) | (c >> 11n)) & 0xffff_ffffn);
    c = word(c + t);
    yield Number(t);
  }
}

/** The three words that splitmix32 makes of `seed`, on big integers. */
function seedWords(seed: bigint): [bigint, bigint, bigint] {
  const word = (value: bigint): bigint => value & 0xffff_ffffn;
  let state = word(seed);
  const next = (): bigint => {
    state = word(state + 0x9e3779b9n);
    let z = state;
    z = word((z ^ (z >> 16n)) * 0x85ebca6bn);
    z = word((z ^ (z >> 13n)) * 0xc2b2ae35n);
    return z ^ (z >> 16n);
  };
  return [next(), next(), next()];
}

describe("a seeded generator", () => {
  test.each([0, 1, 42, 2 ** 31, 2 ** 32 - 1])(
    "of seed %d gives the numbers of its reference",
    (seed) => {
      const expected = reference(...seedWords(BigInt(seed)));
      for (let i = 0; i < 12; i++) expected.next();
      const random = seededRandom(seed);

      for (let i = 0; i < 1000; i++) {
        expect(random.next()).toBe((expected.next().value ?? 0) / 2 ** 32);
      }
    },
  );

  test("gives whole numbers below a bound, each about equally often", () => {
    const random = seededRandom(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const n = random.below(10);
      counts[n] = (counts[n] ?? 0) + 1;
    }

    // Chi-square with 9 degrees of freedom is above 27.9 in one of a thousand fair samples; the seed is fixed.
    const chiSquare = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(counts.length).toBe(10);
    expect(chiSquare).toBeLessThan(27.9);
  });

  test("splits into streams that depend on the salt alone", () => {
    const first = (salt: number): number[] => {
      const stream = seededRandom(5).split(salt);
      return [stream.next(), stream.next()];
    };
    const used = seededRandom(5);
    used.next();
    const late = used.split(1);

    expect(first(1)).not.toEqual(first(2));
    expect([late.next(), late.next()]).toEqual(first(1));
  });

  test("no two of the streams of many seeds and salts are alike", () => {
    const first = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      for (let salt = 0; salt < 200; salt++) {
        const stream = seededRandom(seed).split(salt);
        first.add(`${stream.next()} ${stream.next()}`);
      }
    }

    // 20,000 of 2^32 seeds: two are equal with a chance of 5 %, and these are not.
    expect(first.size).toBe(20_000);
  });
});
