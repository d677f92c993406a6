import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { itemValue, partitionCounts, partsOf, recordsOf, sequences } from "./run-bag.ts";

for (const partitions of partitionCounts) {
  for (const [name, items] of sequences) {
    const bag = fromSequence(items, { partitions });
    describe(`${name} in ${partitions} parts`, () => {
      test("fromSequence keeps order and makes parts that differ by one record at the most", async () => {
        const parts = await partsOf(bag);
        expect(parts).toHaveLength(partitions);
        expect(bag.partitions).toBe(partitions);
        expect(parts.flat()).toEqual(items);
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      });

      test("map", async () => {
        expect(await recordsOf(bag.map((n) => ({ n, half: n / 2 })))).toEqual(
          items.map((n) => ({ n, half: n / 2 })),
        );
      });

      test("map with an async function", async () => {
        const mapped = bag.map(async (n) => {
          await Promise.resolve();
          return n + 1;
        });
        expect(await recordsOf(mapped)).toEqual(items.map((n) => n + 1));
      });

      test("filter, sync and async", async () => {
        const odd = items.filter((n) => n % 2 === 1);
        expect(await recordsOf(bag.filter((n) => n % 2 === 1))).toEqual(odd);
        expect(await recordsOf(bag.filter(async (n) => n % 2 === 1))).toEqual(odd);
      });

      test("flatten of arrays, Sets and texts, some empty", async () => {
        const lists = (n: number): number[] => Array.from({ length: n % 4 }, (_, i) => n * 10 + i);
        expect(await recordsOf(bag.map(lists).flatten())).toEqual(items.flatMap(lists));
        expect(await recordsOf(bag.map((n) => new Set([n, n, 1])).flatten())).toEqual(
          items.flatMap((n) => [...new Set([n, n, 1])]),
        );
        expect(await recordsOf(bag.map((n) => `a${n}`).flatten())).toEqual(
          items.flatMap((n) => [...`a${n}`]),
        );
      });

      test("topk by the record, by a key, ties in order", async () => {
        const best = items.toSorted((a, b) => b - a);
        for (const k of [0, 1, 3, 5000]) {
          expect(await recordsOf(bag.topk(k))).toEqual(best.slice(0, k));
        }
        const tagged = items.map((n, at) => ({ n, at }));
        const lowest = tagged.toSorted((a, b) => a.n - b.n);
        const top = fromSequence(tagged, { partitions }).topk(4, { key: (record) => -record.n });
        expect(await recordsOf(top)).toEqual(lowest.slice(0, 4));
      });
    });
  }
}

test("fromSequence takes other iterables, and cuts by size or by itself", async () => {
  const letters = new Set(["a", "b", "c"]);
  expect(await partsOf(fromSequence(letters, { partitionSize: 2 }))).toHaveLength(2);
  expect(fromSequence(letters).partitions).toBe(3);
  expect(fromSequence(Array.from({ length: 1000 }, () => 0)).partitions).toBe(100);
  expect(fromSequence([]).partitions).toBe(1);
});

test("values keep their types on the way through several stages", async () => {
  const values = [
    undefined,
    null,
    Number.NaN,
    -0,
    2n ** 70n,
    new Date(0),
    new Map([[{ a: 1 }, new Set([1])]]),
    new Uint16Array([1, 65535]),
    { deep: [{ er: "text" }] },
    "\ud800",
  ];
  const bag = fromSequence(values, { partitions: 3 }).map((value) => value);
  expect(await recordsOf(bag.groupBy(() => 1, { partitions: 2 }))).toEqual([[1, values]]);
});

test("topk ranks mixed values: null and NaN last, numbers with bigints, pairs by their value", async () => {
  const mixed = [1, null, 3n, 2.5, Number.NaN, undefined, -1];
  expect(await recordsOf(fromSequence(mixed, { partitions: 2 }).topk(4))).toEqual([3n, 2.5, 1, -1]);
  const pairs: [string, number][] = [
    ["a", 1],
    ["b", 3],
    ["c", 2],
  ];
  expect(await recordsOf(fromSequence(pairs).topk(2))).toEqual([
    ["b", 3],
    ["c", 2],
  ]);
});

test.each(partitionCounts)(
  "topk, min and max: invalid dates are last, lists before what cannot be compared, in %d parts",
  async (partitions) => {
    const dates = [Number.NaN, 1, Number.NaN, 3, 2].map((ms) => new Date(ms));
    const bag = fromSequence(dates, { partitions });
    expect(await recordsOf(bag.topk(3))).toEqual([3, 2, 1].map((ms) => new Date(ms)));
    expect(await itemValue(bag.max())).toEqual(new Date(3));
    expect(await itemValue(bag.min())).toEqual(new Date(1));
    const mixed = fromSequence<number[] | { a: number }>([[1], { a: 1 }, [3], { a: 2 }, [2]], {
      partitions,
    });
    const ranked = mixed.topk(5, { key: (record) => record as number[] });
    expect(await recordsOf(ranked)).toEqual([{ a: 1 }, { a: 2 }, [3], [2], [1]]);
  },
);

test.each(partitionCounts)(
  "topk of any size is the start of a stable sort, in %d parts",
  async (partitions) => {
    const records = Array.from({ length: 3000 }, (_, at) => ({ at, rank: (at * 7919) % 500 }));
    const sorted = records.toSorted((a, b) => b.rank - a.rank || a.at - b.at);
    const bag = fromSequence(records, { partitions });
    for (const k of [0, 1, 2, 3, 499, 1500, 2999, 3000, 3001, 1e12]) {
      const top = await recordsOf(bag.topk(k, { key: ({ rank }) => rank }));
      expect(top).toEqual(sorted.slice(0, k));
    }
  },
);
