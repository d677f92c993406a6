import { describe, expect, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { partitionCounts, partsOf, recordsOf, sequences } from "./run-bag.ts";

/** Records in partitions of very unequal sizes, with empty ones first, last and between. */
function unequal<T>(items: readonly T[]): Bag<T> {
  const none = fromSequence<T>([]);
  const half = Math.max(1, Math.floor(items.length / 2));
  return none.concat(
    fromSequence(items.slice(0, 1)),
    none,
    fromSequence(items.slice(1, half), { partitions: 1 }),
    fromSequence(items.slice(half), { partitions: 3 }),
    none,
  );
}

for (const partitions of partitionCounts) {
  for (const [name, items] of sequences) {
    const bag = fromSequence(items, { partitions });
    const squares = bag.map((n) => n * n);

    describe(`${name} in ${partitions} parts`, () => {
      test("map over several bags and values", async () => {
        const made = bag.map((n, square, factor) => [n, square * factor], squares, 3);
        expect(await recordsOf(made)).toEqual(items.map((n) => [n, n * n * 3]));
      });

      test("starmap takes items as arguments", async () => {
        const pairs = items.map((n): [number, string] => [n, `${n}`]);
        const made = fromSequence(pairs, { partitions }).starmap((n, text) => text.repeat(n % 3));
        expect(await recordsOf(made)).toEqual(pairs.map(([n, text]) => text.repeat(n % 3)));
      });

      test("remove keeps what filter leaves out", async () => {
        expect(await recordsOf(bag.remove((n) => n > 2))).toEqual(items.filter((n) => !(n > 2)));
        expect(await recordsOf(bag.remove(async (n) => n > 2))).toEqual(
          items.filter((n) => !(n > 2)),
        );
      });

      test("mapPartitions sees each part once, as a list, batch by batch, record by record", async () => {
        const parts = await partsOf(bag);
        const sizes = bag.mapPartitions(async (records) => [(await records.toArray()).length]);
        expect(await recordsOf(sizes)).toEqual(parts.map((part) => part.length));
        const running = bag.mapPartitions(async function* (records) {
          let sum = 0;
          for await (const n of records) {
            sum += n;
            yield sum;
          }
        });
        const expected = parts.map((part) =>
          part.map((_, i) => part.slice(0, i + 1).reduce((a, b) => a + b, 0)),
        );
        expect(await partsOf(running)).toEqual(expected);
        const batched = bag.mapPartitions(
          async function* (records, other, start) {
            for await (const batch of records.batches()) yield* batch;
            yield* await other.toArray();
            yield start;
          },
          squares,
          "end",
        );
        expect(await partsOf(batched)).toEqual(
          parts.map((part) => [...part, ...part.map((n) => n * n), "end"]),
        );
      });

      test("zip pairs records at the same place, unzip takes them apart", async () => {
        const zipped = bag.zip(squares, squares);
        expect(await recordsOf(zipped)).toEqual(items.map((n) => [n, n * n, n * n]));
        const [first, , third] = zipped.unzip(3);
        expect(await recordsOf(first)).toEqual(items);
        expect(await recordsOf(third)).toEqual(items.map((n) => n * n));
      });

      test("zip aligns batches of other sizes", async () => {
        // `flatten` cuts its batches anew, `filter` leaves gaps in them.
        const twice = bag.map((n) => [n, -n]).flatten();
        const some = twice.filter((n) => n >= 0).zip(bag.remove((n) => n < 0));
        const expected = items.flatMap((n) => (n === 0 ? [0, -0] : [n]));
        if (expected.length === items.length)
          expect(await recordsOf(some)).toEqual(items.map((n) => [n, n]));
        else await expect(recordsOf(some)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
      });

      test("concat keeps the order of bags, partitions and records", async () => {
        const both = bag.concat(
          squares,
          bag.filter(() => false),
        );
        expect(both.partitions).toBe(3 * partitions);
        const parts = await partsOf(bag);
        const expected = [
          ...parts,
          ...parts.map((part) => part.map((n) => n * n)),
          ...parts.map(() => []),
        ];
        expect(await partsOf(both)).toEqual(expected);
      });

      test.skipIf(items.length > 100)("product has every pair once", async () => {
        const other = fromSequence(["a", "b", "c"], { partitions: 2 });
        const pairs = (await recordsOf(bag.product(other))).map(([n, text]) => `${n}${text}`);
        const expected = items.flatMap((n) => ["a", "b", "c"].map((text) => `${n}${text}`));
        expect(pairs.toSorted()).toEqual(expected.toSorted());
      });

      for (const wanted of [1, 2, 3, 7, 40]) {
        test(`repartition to ${wanted} keeps records and order`, async () => {
          for (const source of [bag, unequal(items)]) {
            const again = source.repartition({ partitions: wanted });
            expect(again.partitions).toBe(wanted);
            const parts = await partsOf(again);
            expect(parts).toHaveLength(wanted);
            expect(parts.flat()).toEqual(items);
            if (wanted <= (source.partitions ?? 0)) continue;
            const sizes = parts.map((part) => part.length);
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          }
        });
      }

      test("sample draws so many different records, choices only known ones", async () => {
        const numbered = fromSequence(
          items.map((n, at) => `${at}:${n}`),
          { partitions },
        );
        const known = new Set(await recordsOf(numbered));
        const half = Math.ceil(items.length / 2);
        const drawn = await recordsOf(numbered.sample(half, { seed: 3 }));
        expect(new Set(drawn).size).toBe(half);
        expect(drawn.every((text) => known.has(text))).toBe(true);
        expect(new Set(await recordsOf(numbered.sample(items.length)))).toEqual(known);
        if (items.length === 0) return;
        const chosen = await recordsOf(numbered.choices(50, { seed: 3 }));
        expect(chosen).toHaveLength(50);
        expect(chosen.every((text) => known.has(text))).toBe(true);
      });
    });
  }
}

describe("repartition by bytes", () => {
  const random = seededRandom(11);
  /** Bytes that cannot be packed tighter. */
  const noise = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, () => random.below(256));
  const bytesOf = (part: readonly Uint8Array[]): number =>
    part.reduce((sum, { length }) => sum + length, 0);

  test("cuts large partitions, gathers small ones, and none is larger than asked for", async () => {
    const large = Array.from({ length: 400 }, () => noise(1000));
    const small = Array.from({ length: 40 }, () => noise(10));
    const bag = fromSequence(large, { partitions: 3 }).concat(
      fromSequence(small, { partitions: 40 }),
    );
    const parts = await partsOf(bag.repartition({ bytes: "50 KiB" }));
    expect(parts.flat()).toEqual([...large, ...small]);
    expect(Math.max(...parts.map(bytesOf))).toBeLessThanOrEqual(50 * 1024);
    // 3 partitions of 133 kB: 3 pieces each. The small ones together are one more, or go with the last of those.
    expect(parts.length).toBeGreaterThanOrEqual(9);
    expect(parts.length).toBeLessThanOrEqual(10);
  });

  test("a record larger than asked for is a partition of its own", async () => {
    const bag = fromSequence([noise(5000), noise(5000)], { partitions: 1 });
    const parts = await partsOf(bag.repartition({ bytes: 1000 }));
    expect(parts.map((part) => part.length)).toEqual([1, 1]);
  });
});

describe("pluck and compact", () => {
  const people = [
    { name: { first: "Ada" }, age: 36 },
    { name: { first: "Alan" }, age: undefined },
    { name: undefined, age: null },
  ];
  const bag = fromSequence<{
    name?: { first: string } | undefined;
    age?: number | null | undefined;
  }>(people, { partitions: 2 });

  test("by key, position and path, with and without a default", async () => {
    expect(await recordsOf(bag.pluck("age"))).toEqual([36, undefined, null]);
    expect(await recordsOf(bag.pluck("age", { default: 0 }))).toEqual([36, 0, null]);
    expect(await recordsOf(bag.pluck(["name", "first"], { default: "?" }))).toEqual([
      "Ada",
      "Alan",
      "?",
    ]);
    expect(await recordsOf(fromSequence<[string, number]>([["a", 1]]).pluck(1))).toEqual([1]);
    await expect(recordsOf(bag.pluck(["name", "first"]))).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("record 1 of partition 1") as unknown,
    });
  });

  test("what every object has is no value", async () => {
    const plain = fromSequence<Record<string, number>>([{ a: 1 }]);
    expect(await recordsOf(plain.pluck("constructor"))).toEqual([undefined]);
    expect(await recordsOf(plain.pluck("__proto__"))).toEqual([undefined]);
  });

  test("compact leaves out null and undefined, and nothing else that is falsy", async () => {
    const values = fromSequence([0, null, "", undefined, false, Number.NaN]);
    expect(await recordsOf(values.compact())).toEqual([0, "", false, Number.NaN]);
    expect(await recordsOf(bag.compact("age").pluck("age"))).toEqual([36]);
  });
});

describe("drawing", () => {
  const items = ["a", "b", "c", "d", "e", "f", "g"];
  const bag = unequal(items);

  /** Pearson's statistic of counts that should all be equal. */
  function chiSquared(counts: readonly number[]): number {
    const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  }

  const runs = 3000;

  async function counted(draw: (seed: number) => Bag<string>): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const key = (await recordsOf(draw(seed))).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  test("sample: all 42 ordered pairs are as likely, whatever partitions they are in", async () => {
    const counts = await counted((seed) => bag.sample(2, { seed }));
    expect(counts.size).toBe(42);
    // 41 degrees of freedom: above 80.7 once in 5,000 times.
    expect(chiSquared([...counts.values()])).toBeLessThan(80.7);
  });

  test("choices: all 49 pairs are as likely, the same twice too", async () => {
    const counts = await counted((seed) => bag.choices(2, { seed }));
    expect(counts.size).toBe(49);
    // 48 degrees of freedom: above 90 once in 5,000 times.
    expect(chiSquared([...counts.values()])).toBeLessThan(90);
  });

  test("randomSample: each record comes with its probability, alone", async () => {
    const counts = await counted((seed) => bag.randomSample(0.5, { seed }));
    // 2^7 subsets, 127 degrees of freedom: above 187 once in 2,500 times.
    expect(counts.size).toBe(128);
    expect(chiSquared([...counts.values()])).toBeLessThan(187);
  });

  test("draws one after another with the same seed: no place in a partition comes more often", async () => {
    const partitions = 1000;
    const pairs = Array.from({ length: 4 * partitions }, (_, i) => [i % 4, i] as const);
    const all = fromSequence(pairs, { partitions });
    const half = all.randomSample(0.5, { seed: 1 });
    const quarters = half.map((pair) => pair).randomSample(0.5, { seed: 1 });
    const lots = half.sample(partitions, { seed: 1 });
    for (const drawn of [quarters, lots]) {
      const counts = [0, 0, 0, 0];
      for (const [place] of await recordsOf(drawn)) counts[place] = (counts[place] ?? 0) + 1;
      // 3 degrees of freedom: above 19.7 once in 5,000 times.
      expect(chiSquared(counts)).toBeLessThan(19.7);
    }
  });

  test("seeds next to each other have no partition's choice in common", async () => {
    const partitions = 64;
    const all = fromSequence(
      Array.from({ length: 64 * partitions }, (_, i) => i),
      { partitions },
    );
    const chosen = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      for (const part of await partsOf(all.randomSample(0.5, { seed }))) {
        chosen.add(part.map((n) => n % 64).join(" "));
      }
    }
    // Any two of 2^64 choices are equal with no chance to speak of.
    expect(chosen.size).toBe(8 * partitions);
  });

  test("the same bag gives the same sample at every compute, another call another one", async () => {
    const many = fromSequence(Array.from({ length: 1000 }, (_, i) => i));
    for (const drawn of [many.sample(20), many.choices(20), many.randomSample(0.02)]) {
      expect(await recordsOf(drawn)).toEqual(await recordsOf(drawn));
    }
    expect(await recordsOf(many.sample(20))).not.toEqual(await recordsOf(many.sample(20)));
    expect(await recordsOf(many.sample(20, { seed: 5 }))).toEqual(
      await recordsOf(many.sample(20, { seed: 5 })),
    );
  });

  test("more than there are cannot be drawn without putting back", async () => {
    await expect(recordsOf(bag.sample(8))).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("8 records of a bag of 7") as unknown,
    });
    await expect(recordsOf(fromSequence<number>([]).choices(1))).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
    });
    expect(await recordsOf(fromSequence<number>([]).choices(0))).toEqual([]);
    expect(await recordsOf(bag.sample(0))).toEqual([]);
  });
});

describe("bags that do not go together", () => {
  test("unequal partitions are told at the call, unequal records when they meet", async () => {
    const two = fromSequence([1, 2], { partitions: 2 });
    expect(() => two.zip(fromSequence([1, 2], { partitions: 1 }))).toThrow(
      /bags of 2 and of 1 partitions/,
    );
    const grouped = fromSequence([1, 2, 3]).groupBy((n) => n);
    await expect(recordsOf(two.zip(grouped))).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("bags of 2 and of 1 partitions") as unknown,
    });
    const many = fromSequence(
      Array.from({ length: 2000 }, (_, i) => i),
      { partitions: 1 },
    );
    await expect(recordsOf(many.zip(many.filter((n) => n !== 1999)))).rejects.toThrow(
      /bag 2 has only 1999 records/,
    );
    await expect(recordsOf(many.filter((n) => n !== 1999).zip(many))).rejects.toThrow(
      /bag 2 has more than the 1999 records/,
    );
  });
});
