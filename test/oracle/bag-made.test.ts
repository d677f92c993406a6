import { describe, expect, test } from "vitest";
import { fromDelayed, fromMap, fromSequence, range } from "../../src/bag.ts";
import { delayed } from "../../src/index.ts";
import { partitionCounts, partsOf, recordsOf } from "./run-bag.ts";

describe("range", () => {
  test.each(partitionCounts)(
    "in %i parts that differ by one number at the most",
    async (partitions) => {
      for (const end of [0, 1, 5, 1300]) {
        const parts = await partsOf(range(end, { partitions }));
        expect(parts).toHaveLength(partitions);
        expect(parts.flat()).toEqual(Array.from({ length: end }, (_, n) => n));
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    },
  );

  test("of more numbers than a computer holds, by whole numbers", async () => {
    const all = range(Number.MAX_SAFE_INTEGER, { partitions: 100_000 });
    expect(all.partitions).toBe(100_000);
    const { exprOf } = await import("./run-bag.ts");
    const { InProcess } = await import("../collections/bag/in-process.ts");
    const few = range(1_000_003, { partitions: 99_991 });
    const parts = await new InProcess().parts(exprOf(few), [0, 1, 99_990]);
    // 1,000,003 = 10 · 99,991 + 93: the first 93 parts have 11.
    expect(parts.map((part) => [part[0], part.length])).toEqual([
      [0, 11],
      [11, 11],
      [999_993, 10],
    ]);
  });

  test("chooses a number of parts itself", () => {
    expect([0, 1, 7, 5000].map((end) => range(end).partitions)).toEqual([1, 1, 7, 100]);
  });
});

test.each([
  ["fromSequence", fromSequence<string>([])],
  ["fromMap", fromMap((name: string, n: number) => [`${name}${n}`], [], [])],
  ["fromDelayed", fromDelayed<string>([])],
])("%s of an empty list gives a bag of no records in one partition", async (_name, bag) => {
  expect(bag.partitions).toBe(1);
  expect(await partsOf(bag.map((text) => text.length))).toEqual([[]]);
  expect(await recordsOf(bag.frequencies())).toEqual([]);
});

describe("fromMap", () => {
  const expected = [["a0"], [], ["c0", "c1"]];
  const names = ["a", "b", "c"];
  const counts = new Set([1, 0, 2]);

  test("one call per part, with the items of all lists at its place", async () => {
    const list = (name: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${name}${i}`);
    const bag = fromMap(list, names, counts);
    expect(bag.partitions).toBe(3);
    expect(await partsOf(bag)).toEqual(expected);
    expect(
      await partsOf(fromMap(async (name, count) => new Set(list(name, count)), names, counts)),
    ).toEqual(expected);
  });

  test("generators, also async ones", async () => {
    const lazily = fromMap(
      function* (name: string, count: number) {
        for (let i = 0; i < count; i++) yield `${name}${i}`;
      },
      names,
      counts,
    );
    expect(await partsOf(lazily)).toEqual(expected);
    const later = fromMap(
      async function* (name: string, count: number) {
        for (let i = 0; i < count; i++) yield await Promise.resolve(`${name}${i}`);
      },
      names,
      counts,
    );
    expect(await partsOf(later)).toEqual(expected);
  });

  test("what gives no list is an error that names the part", async () => {
    const bag = fromMap((n: number) => (n === 2 ? (7 as never) : [n]), [1, 2]);
    await expect(recordsOf(bag)).rejects.toThrow("bag.fromMap: partition 1: expected a list");
  });
});

describe("fromDelayed", () => {
  const load = delayed((name: string) => [`${name}1`, `${name}2`]);
  const count = delayed((texts: string[]) => new Set([texts.length]));

  test("the records of each in a part, of calls of several kinds in any order", async () => {
    const bag = fromDelayed<string | number>([load("a"), count(["b"]), load("b"), load("a")]);
    expect(bag.partitions).toBe(4);
    expect(await partsOf(bag)).toEqual([["a1", "a2"], [1], ["b1", "b2"], ["a1", "a2"]]);
  });

  test("other collections will do, and what they are made of is made in tasks", async () => {
    const bag = fromSequence([3, 1, 2], { partitions: 2 });
    const parts = await partsOf(fromDelayed([bag, bag.map((n) => n * 2)]));
    expect(parts).toEqual([
      [3, 1, 2],
      [6, 2, 4],
    ]);
  });

  test("what gives no list, or lazy work, is an error that names the part", async () => {
    const seven = delayed(() => 7 as unknown as string[]);
    await expect(recordsOf(fromDelayed([load("a"), seven()]))).rejects.toThrow(
      "bag.fromDelayed: partition 1: expected a list",
    );
    const lazy = delayed(() => load("a"));
    await expect(recordsOf(fromDelayed<string>([lazy() as never]))).rejects.toMatchObject({
      code: "LAZY_MISUSE",
      message: expect.stringContaining("partition 0: the delayed value gave lazy work") as unknown,
    });
  });
});
