import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { itemValue, partitionCounts, sequences } from "./run-bag.ts";

for (const partitions of partitionCounts) {
  for (const [name, items] of sequences) {
    const bag = fromSequence(items, { partitions });
    const total = items.reduce((sum, n) => sum + n, 0); // Whole numbers: exact.
    describe(`${name} in ${partitions} parts`, () => {
      test("count, also of what a filter leaves", async () => {
        expect(await itemValue(bag.count())).toBe(items.length);
        const odd = items.filter((n) => n % 2 === 1);
        expect(await itemValue(bag.filter((n) => n % 2 === 1).count())).toBe(odd.length);
      });

      test("sum of numbers and of bigints", async () => {
        expect(await itemValue(bag.sum())).toBe(total);
        const large = bag.map((n) => BigInt(n) * 2n ** 70n);
        const expected = items.length === 0 ? 0 : BigInt(total) * 2n ** 70n;
        expect(await itemValue(large.sum())).toBe(expected);
      });

      test("mean of numbers and of bigints; NaN of nothing", async () => {
        expect(await itemValue(bag.mean())).toBe(total / items.length);
        expect(await itemValue(bag.map((n) => BigInt(n)).mean())).toBe(total / items.length);
      });

      test("variance and std with any ddof; NaN of too few records", async () => {
        for (const ddof of [0, 1, 2]) {
          // (n Σx² − (Σx)²) / n(n − ddof), of whole numbers that doubles hold.
          const n = items.length;
          const squares = items.reduce((sum, each) => sum + each * each, 0);
          const expected = n > ddof ? (n * squares - total * total) / (n * (n - ddof)) : Number.NaN;
          expect(await itemValue(bag.variance({ ddof }))).toBe(expected);
          expect(await itemValue(bag.map((each) => BigInt(each)).variance({ ddof }))).toBe(
            expected,
          );
          const root = await itemValue(bag.std({ ddof }));
          if (n > ddof) expect(root).toBeCloseTo(Math.sqrt(expected), 14);
          else expect(root).toBeNaN();
        }
      });

      test("min and max, by the record and by a key; undefined of nothing", async () => {
        const rising = items.toSorted((a, b) => a - b);
        expect(await itemValue(bag.min())).toBe(rising[0]);
        expect(await itemValue(bag.max())).toBe(rising.at(-1));
        const tagged = items.map((n, at) => ({ n: n % 5, at }));
        const first = (best: number): unknown => tagged.find(({ n }) => n === best);
        const records = fromSequence(tagged, { partitions });
        const keys = tagged.map(({ n }) => n);
        expect(await itemValue(records.min({ key: ({ n }) => n }))).toEqual(
          first(Math.min(...keys)),
        );
        expect(await itemValue(records.max({ key: async ({ n }) => n }))).toEqual(
          first(Math.max(...keys)),
        );
      });

      test("any and all, of the records and of a predicate", async () => {
        for (const low of [0, 3, 60]) {
          expect(await itemValue(bag.any((n) => n < low))).toBe(items.some((n) => n < low));
          expect(await itemValue(bag.all(async (n) => n >= low))).toBe(
            items.every((n) => n >= low),
          );
        }
        expect(await itemValue(bag.any())).toBe(items.some(Boolean));
        expect(await itemValue(bag.all())).toBe(items.every(Boolean));
      });

      test("map of a total", async () => {
        expect(await itemValue(bag.count().map((n) => n * 2))).toBe(items.length * 2);
        expect(await itemValue(bag.count().map(async (n) => [n]))).toEqual([items.length]);
      });
    });
  }
}

test("sum, mean, variance and std do not tell how the records were cut, nor in what order they came", async () => {
  const random = seededRandom(11);
  const items = Array.from(
    { length: 3000 },
    () => (random.next() - 0.5) * 10 ** (random.below(30) - 15),
  );
  const results = new Set<string>();
  for (const partitions of [1, 2, 7, 32, 100]) {
    for (const order of [items, items.toReversed(), items.toSorted((a, b) => a - b)]) {
      const bag = fromSequence(order, { partitions });
      const values = [bag.sum(), bag.mean(), bag.variance(), bag.std()].map((item) =>
        itemValue(item, { reduceFanIn: 2 + (partitions % 5) }),
      );
      results.add(JSON.stringify(await Promise.all(values)));
    }
  }
  expect(results.size).toBe(1);
  // In plain order, rounding after every step: the sum itself is another one.
  expect(new Set([items, items.toSorted()].map((all) => all.reduce((a, b) => a + b))).size).toBe(2);
});

test("sums where rounding on the way would show", async () => {
  const sumOf = (items: readonly number[]): Promise<number> =>
    itemValue(fromSequence(items, { partitions: 3 }).sum());
  // By hand: 3/10 as doubles add up to a little more than 0.6; 2^53 + 1 + 1; one left after two that cancel.
  expect(await sumOf([0.1, 0.2, 0.3])).toBe(0.6);
  expect(await sumOf([2 ** 53, 1, 1])).toBe(2 ** 53 + 2);
  expect(await sumOf([1e16, 1, -1e16])).toBe(1);
  expect(await sumOf([1e308, 1e308, -1e308, -1e308, 5])).toBe(5);
  expect(await sumOf([1e308, 1e308])).toBe(Number.POSITIVE_INFINITY);
  expect(await sumOf([-0, -0])).toBe(0);
  expect(await sumOf([5e-324, 5e-324, 1])).toBe(1);
});

test("a mean is there where the sum is above all doubles", async () => {
  expect(await itemValue(fromSequence([1e308, 1.5e308, 1e308, 0.5e308]).mean())).toBe(1e308);
});

test("infinite numbers and NaN in sums", async () => {
  const { POSITIVE_INFINITY: most, NaN: none } = Number;
  const all: readonly (readonly [number[], number])[] = [
    [[1, most, 2], most],
    [[1, -most, 2], -most],
    [[most, 1, -most], none],
    [[1, none, 2], none],
  ];
  for (const [items, expected] of all) {
    const bag = fromSequence(items, { partitions: 3 });
    expect(await itemValue(bag.sum())).toBe(expected);
    expect(await itemValue(bag.mean())).toBe(expected);
    expect(await itemValue(bag.variance())).toBeNaN();
  }
});

test("variance is never negative, and right where its terms are close", async () => {
  const far = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];
  // Of 4, 7, 13 and 16: mean 10, squares 36 + 9 + 9 + 36.
  expect(await itemValue(fromSequence(far).variance({ ddof: 1 }))).toBe(30);
  for (const same of [0.1, 1 / 3, 1e200, 1e-200, 123456.789]) {
    const bag = fromSequence(Array.from({ length: 77 }, () => same));
    expect(await itemValue(bag.variance())).toBe(0);
    expect(await itemValue(bag.std())).toBe(0);
  }
  const huge = fromSequence([-1e200, 1e200]);
  expect(await itemValue(huge.variance())).toBe(Number.POSITIVE_INFINITY);
  expect(await itemValue(huge.std())).toBe(1e200);
});

test("min and max of mixed records: what is missing counts only where there is nothing else", async () => {
  const bag = fromSequence([null, 3, Number.NaN, 2n, undefined, 2.5], { partitions: 4 });
  expect(await itemValue(bag.min())).toBe(2n);
  expect(await itemValue(bag.max())).toBe(3);
  const missing = fromSequence([Number.NaN, null, undefined], { partitions: 3 });
  expect(await itemValue(missing.min())).toBeNull();
  expect(await itemValue(missing.max())).toBeNaN();
  const texts = fromSequence(["b", "ä", "a"], { partitions: 2 });
  expect([await itemValue(texts.min()), await itemValue(texts.max())]).toEqual(["a", "ä"]);
});

test.each<[string, readonly unknown[], string]>([
  [
    "text",
    [1, "2", 3],
    'bag.sum, bag.mean: record 1 of partition 0: expected a number or a bigint, got "2"',
  ],
  ["null", [null], "record 0 of partition 0: expected a number or a bigint, got null"],
  [
    "a bigint among numbers",
    [1, 2n],
    "record 1 of partition 0: expected a number, as the records before it are, got 2n",
  ],
  [
    "a number among bigints",
    [1n, 2],
    "record 1 of partition 0: expected a bigint, as the records before it are, got 2",
  ],
])("a sum names the record that is wrong: %s", async (_name, items, message) => {
  const bag = fromSequence(items as readonly number[], { partitions: 1 });
  await expect(itemValue(bag.sum())).rejects.toThrow(message);
  await expect(itemValue(bag.std())).rejects.toThrow(message.replace("bag.sum, bag.mean: ", ""));
});

test("a sum of numbers in one part and bigints in another names a record of each", async () => {
  const bag = fromSequence([1, 2, 3n, 4n] as unknown as readonly number[], { partitions: 2 });
  await expect(itemValue(bag.sum())).rejects.toMatchObject({
    code: "BAD_ARGUMENT",
    message: expect.stringContaining(
      "record 0 of partition 0 is a number and record 0 of partition 1 is a bigint",
    ) as unknown,
  });
});
