import { describe, expect, test } from "vitest";
import { type Bag, fromSequence, range } from "../../../src/bag.ts";
import { compute } from "../../../src/index.ts";
import { sharedClient } from "../../client/support.ts";

sharedClient({ inline: true });

const numbers = (): Bag<number> => fromSequence([3, 1, 2, 3, 1], { partitions: 2 });

/** Bags of every kind, whose records a task gets as a stream that can be read only once. */
const made: Readonly<Record<string, () => Bag<unknown>>> = {
  distinct: () => numbers().distinct(),
  frequencies: () => numbers().frequencies(),
  foldBy: () =>
    numbers().foldBy(
      (n) => n % 2,
      (total, n) => total + n,
      {
        initial: 0,
        combine: (a, b) => a + b,
      },
    ),
  topk: () => numbers().topk(3),
  sample: () => numbers().sample(3, { seed: 1 }),
  choices: () => numbers().choices(3, { seed: 1 }),
  randomSample: () => numbers().randomSample(0.7, { seed: 1 }),
  map: () => numbers().map((n) => n + 1),
  flatten: () =>
    numbers()
      .map((n) => [n, n])
      .flatten(),
  groupBy: () => numbers().groupBy((n) => n % 2, { partitions: 2 }),
  join: () => numbers().join(range(3), (n) => n),
  product: () => numbers().product(range(2)),
  accumulate: () => numbers().accumulate((a, b) => a + b),
  repartition: () => numbers().repartition({ partitions: 1 }),
  concat: () => numbers().concat(range(2)),
  mapPartitions: () => numbers().mapPartitions((records) => records),
};

describe.each(Object.entries(made))("a bag of %s read twice by one task", (_, make) => {
  test("goes beside itself", async () => {
    const bag = make();
    const records = await bag.compute();
    expect(records.length).toBeGreaterThan(1);
    const tuples = records.map((record) => [record, record]);
    const [zipped, mapped, later] = await compute(
      bag.zip(bag),
      bag.map((record, same) => [record, same], bag),
      bag.zip(bag.map((record) => ({ record }))),
    );
    expect(zipped).toEqual(tuples);
    expect(mapped).toEqual(tuples);
    expect(later).toEqual(records.map((record) => [record, { record }]));
  });

  test("gives all pairs with itself", async () => {
    const bag = make();
    const records = await bag.compute();
    expect(await bag.product(bag).compute()).toHaveLength(records.length ** 2);
    const before = bag.map((record) => record);
    expect(await bag.product(before).compute()).toHaveLength(records.length ** 2);
  });

  test("comes to a function of partitions as often as it is given", async () => {
    const bag = make();
    const records = await bag.compute();
    const both = bag.mapPartitions(
      async (first, second) => [...(await first.toArray()), ...(await second.toArray())],
      bag,
    );
    expect(await both.compute()).toHaveLength(2 * records.length);
  });
});
