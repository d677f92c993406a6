import { expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { compute, delayed } from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";

const client = cloudClient();

const items = Array.from({ length: 20 }, (_, i) => i);
const bag = fromSequence(items, { partitions: 4 });

test("what brings bags together and takes them apart gives the same on Lambda", async () => {
  const ten = client.current.submit(() => 10);
  const squares = bag.map((n) => n * n);
  const [mapped, zipped, joined, pairs] = await compute(
    bag.map((n, square, by, plus) => n + square * by + plus, squares, ten, delayed(() => 1)()),
    bag.zip(squares).starmap((n, square) => n * square),
    bag.concat(squares.repartition({ partitions: 1 })),
    bag.repartition({ partitions: 2 }).product(fromSequence(["a", "b"], { partitions: 1 })),
  );
  expect(mapped).toEqual(items.map((n) => n + n * n * 10 + 1));
  expect(zipped).toEqual(items.map((n) => n ** 3));
  expect(joined).toEqual([...items, ...items.map((n) => n * n)]);
  expect(pairs).toEqual(
    items.flatMap((n) => [
      [n, "a"],
      [n, "b"],
    ]),
  );
});

test("lazies inside what goes beside a bag are computed with it", async () => {
  const all = [client.current.submit(() => 5), bag] as const;
  const made = bag.map((n, { by, all: [five, every] }) => n * by + five + every.length, {
    by: delayed(() => 2)(),
    all,
  });
  expect(await made.compute()).toEqual(items.map((n) => n * 2 + 5 + 20));
});

test("more partitions, and what a generator makes of each", async () => {
  const sizes = bag.repartition({ partitions: 7 }).mapPartitions(async function* (records) {
    let count = 0;
    for await (const batch of records.batches()) count += batch.length;
    yield count;
  });
  const counts = await sizes.compute();
  expect(counts).toHaveLength(7);
  expect(counts.reduce((a, b) => a + b)).toBe(20);
  expect(counts.every((count) => count === 2 || count === 3)).toBe(true);
});

test("a sample is the same there as here", async () => {
  const drawn = bag.sample(5, { seed: 9 });
  const chosen = bag.choices(5, { seed: 9 });
  const [there, chosenThere] = await compute(drawn, chosen);
  await client.current.close();
  expect([there, chosenThere]).toEqual(await compute(drawn, chosen));
});
