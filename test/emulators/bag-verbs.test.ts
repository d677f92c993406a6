import { describe, expect, test } from "vitest";
import type * as bags from "../../src/bag.ts";
import { type Bag, fromSequence, type Item } from "../../src/bag.ts";
import { compute } from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";
import { type CasesOf, tryAll } from "./verbs.ts";

cloudClient();

const items = Array.from({ length: 20 }, (_, n) => n);
const bag = fromSequence(items, { partitions: 4 });
/** 0 to 6, each two or three times. */
const rests = items.map((n) => n % 7);
const restsBag = fromSequence(rests, { partitions: 3 });
const add = (a: number, b: number): number => a + b;

interface Person {
  readonly name: string;
  readonly age?: number | null;
}
const ada = { name: "Ada", age: 36 };
const people: readonly Person[] = [ada, { name: "Bob" }, { name: "Cy", age: null }];
const peopleBag = fromSequence(people, { partitionSize: 2 });

/** Sums of all numbers up to each. */
const running = items.map((n) => (n * (n + 1)) / 2);
const evenSum = 90;
const oddSum = 100;

const bagCases: CasesOf<Bag<number>> = {
  map: { in: "bag-structure.test.ts" },
  starmap: { in: "bag-structure.test.ts" },
  mapPartitions: { in: "bag-structure.test.ts" },
  filter: [[bag.filter((n) => n % 3 === 0), [0, 3, 6, 9, 12, 15, 18]]],
  remove: [[bag.remove((n) => n > 2), [0, 1, 2]]],
  compact: [
    [bag.map((n) => (n % 2 ? null : n)).compact(), items.filter((n) => n % 2 === 0)],
    [peopleBag.compact("age"), [ada]],
  ],
  pluck: [
    [peopleBag.pluck("name"), ["Ada", "Bob", "Cy"]],
    [peopleBag.pluck("age", { default: 0 }), [36, 0, null]],
    [bag.map((n) => ({ in: [n] as [number] })).pluck(["in", 0]), items],
  ],
  flatten: [[bag.map((n) => [n, -n]).flatten(), items.flatMap((n) => [n, -n])]],
  foldBy: [
    [
      bag.foldBy((n) => (n % 2 ? "odd" : "even"), add, { initial: 0, combine: add, fanIn: 2 }),
      [
        ["even", evenSum],
        ["odd", oddSum],
      ],
    ],
    [
      bag.foldBy((n) => ({ odd: n % 2 === 1 }), add),
      [
        [{ odd: false }, evenSum],
        [{ odd: true }, oddSum],
      ],
    ],
  ],
  accumulate: [
    [bag.accumulate(add), running],
    [bag.accumulate(add, 5), [5, ...running.map((sum) => sum + 5)]],
  ],
  distinct: [
    [restsBag.distinct(), [0, 1, 2, 3, 4, 5, 6]],
    [bag.distinct({ key: (n) => n % 3 }), [0, 1, 2]],
  ],
  frequencies: [[restsBag.frequencies(), [0, 1, 2, 3, 4, 5, 6].map((n) => [n, n < 6 ? 3 : 2])]],
  groupBy: [
    [
      restsBag.groupBy((n) => n > 0, { partitions: 2 }),
      [
        [false, [0, 0, 0]],
        [true, rests.filter((n) => n > 0)],
      ],
      "in any order",
    ],
  ],
  join: [
    [
      bag.join(
        [3, 33, 4],
        (n) => n,
        (n) => n % 30,
      ),
      [
        [3, 3],
        [3, 33],
        [4, 4],
      ],
      "in any order",
    ],
  ],
  topk: [
    [bag.topk(3), [19, 18, 17]],
    [bag.topk(2, { key: (n) => -n }), [0, 1]],
    [restsBag.frequencies().topk(0), []],
  ],
  zip: { in: "bag-structure.test.ts" },
  unzip: [[bag.map((n) => [n, `${n}`] as const).unzip(2), [items, items.map(String)]]],
  concat: { in: "bag-structure.test.ts" },
  product: { in: "bag-structure.test.ts" },
  repartition: { in: "bag-structure.test.ts" },
  randomSample: [
    [bag.randomSample(1, { seed: 3 }), items],
    [bag.randomSample(0), []],
  ],
  sample: [[bag.sample(20, { seed: 3 }), items, "in any order"]],
  choices: [[fromSequence([7], { partitions: 1 }).choices(3), [7, 7, 7]]],
  count: [[bag.count(), 20]],
  sum: [
    [bag.sum(), 190],
    [fromSequence([1n, 2n ** 70n]).sum(), 2n ** 70n + 1n],
  ],
  mean: [[bag.mean(), 9.5]],
  // Of 0 to n − 1 the variance is (n² − 1) / 12, that of a sample n (n + 1) / 12.
  variance: [
    [bag.variance(), 399 / 12],
    [bag.variance({ ddof: 1 }), 35],
  ],
  std: [[bag.std(), Math.sqrt(399 / 12)]],
  min: [[bag.min(), 0]],
  max: [[bag.max({ key: (n) => -Math.abs(n - 7) }), 7]],
  any: [[bag.any((n) => n > 18), true]],
  all: [[bag.all((n) => n > 0), false]],
  fold: [
    [bag.fold(add), 190],
    [
      bag.fold((text: string, n) => `${text}${n}`, { initial: "", combine: (a, b) => a + b }),
      items.join(""),
    ],
  ],
  reduction: [
    [
      bag.reduction(
        async (records) => Math.max(...(await records.toArray())),
        (largest) => largest.reduce(add),
        { fanIn: 2 },
      ),
      4 + 9 + 14 + 19,
    ],
  ],
  compute: { in: "scenarios.test.ts" },
  persist: { in: "kept-chunks.test.ts" },
  release: { in: "kept-chunks.test.ts" },
  take: { in: "bag-verbs.test.ts" },
  records: { in: "bag-files.test.ts" },
  toDelayed: { in: "bag-files.test.ts" },
  writeText: { in: "scenarios.test.ts" },
  writeJsonLines: { in: "bag-files.test.ts" },
  partitions: { never: "the client knows it" },
  explain: { never: "the plan is made by the client" },
  visualize: { never: "the plan is drawn by the client" },
};

const itemCases: CasesOf<Item<number>> = {
  map: [[bag.sum().map((n) => n / 2), 95]],
  toDelayed: [[bag.sum().toDelayed().toFixed(1), "190.0"]],
  compute: { in: "bag-verbs.test.ts" },
  persist: { in: "bag-verbs.test.ts" },
  release: { in: "bag-verbs.test.ts" },
  explain: { never: "the plan is made by the client" },
  visualize: { never: "the plan is drawn by the client" },
};

const functionCases: CasesOf<Omit<typeof bags, "Bag" | "Item">> = {
  fromSequence: [
    [fromSequence(new Set([1, 2])), [1, 2]],
    [fromSequence([], { partitions: 2 }), []],
  ],
  fromDelayed: { in: "bag-files.test.ts" },
  fromMap: { in: "bag-files.test.ts" },
  range: { in: "bag-files.test.ts" },
  readJsonLines: { in: "bag-files.test.ts" },
  readText: { in: "bag-files.test.ts" },
};

describe("bags", () => tryAll("bag", bagCases));
describe("items", () => tryAll("item", itemCases));
describe("what makes bags", () => tryAll("function", functionCases));

test("take looks at as many partitions as it needs, and at all of them", async () => {
  expect(await bag.take(7)).toEqual(items.slice(0, 7));
  expect(await bag.filter((n) => n > 17).take(5)).toEqual([18, 19]);
  expect(await bag.take(0)).toEqual([]);
});

test("an item is kept, and what is made of it starts from there", async () => {
  using kept = await restsBag
    .map((n) => n + Math.random())
    .sum()
    .persist();
  const [one, two] = await compute(
    kept,
    kept.map((n) => n * 2),
  );
  expect(two).toBe(2 * one);
  expect(await kept.compute()).toBe(one);
  kept.release();
  expect(await restsBag.sum().compute()).toBe(rests.reduce(add));
});

test("a sample by chance is some of the records, in their order, and the same again by the same seed", async () => {
  const draw = (): Bag<number> => bag.randomSample(0.5, { seed: 11 });
  const [one, two] = await compute(
    draw(),
    draw().map((n) => n),
  );
  expect(two).toEqual(one);
  expect(one).toEqual(items.filter((n) => one.includes(n)));
});
