import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import {
  groupsOf,
  itemValue,
  partitionCounts,
  partsOf,
  recordsOf,
  sequences,
  sorted,
} from "./run-bag.ts";

const fanIns = [undefined, 2, 3, 32, 1000];

/** The running totals of plain JavaScript. */
function runningSums(items: readonly number[], initial: number): number[] {
  let total = initial;
  return items.map((n) => {
    total += n;
    return total;
  });
}

for (const partitions of partitionCounts) {
  for (const [name, items] of sequences) {
    const bag = fromSequence(items, { partitions });
    describe(`${name} in ${partitions} parts`, () => {
      test.each(fanIns)(
        "fold and foldBy with fan-in %s keep the order of records",
        async (fanIn) => {
          const given = fanIn === undefined ? {} : { fanIn };
          const list = bag.fold((total, n) => [...total, n], {
            initial: [] as number[],
            combine: (a, b) => [...a, ...b],
            ...given,
          });
          expect(await itemValue(list)).toEqual(items);
          const lists = bag.foldBy(
            (n) => n % 3,
            async (total, n) => [...total, n],
            { initial: [] as number[], combine: async (a, b) => [...a, ...b], ...given },
          );
          expect(await recordsOf(lists)).toEqual(groupsOf(items, (n) => n % 3));
        },
      );

      test.each(fanIns)("fold without an initial total, fan-in %s", async (fanIn) => {
        const texts = bag.map(String);
        const joined = texts.fold(
          async (a, b) => `${a},${b}`,
          fanIn === undefined ? {} : { fanIn },
        );
        if (items.length > 0) expect(await itemValue(joined)).toBe(items.join(","));
        else await expect(itemValue(joined)).rejects.toThrow("bag.fold: the bag has no records");
      });

      test.each(fanIns)("reduction with fan-in %s", async (fanIn) => {
        const options = fanIn === undefined ? {} : { fanIn };
        const total = bag.reduction(
          async (records) => {
            const seen: number[] = [];
            for await (const n of records) seen.push(n);
            return seen;
          },
          (lists) => lists.flat(),
          options,
        );
        expect(await itemValue(total)).toEqual(items);
        const least = bag.reduction(
          async (records) => Math.min(...(await records.toArray())),
          (all) => Math.min(...all),
          options,
        );
        expect(await itemValue(least)).toBe(Math.min(...items));
      });

      test("accumulate, with and without an initial total, in as many parts", async () => {
        const sums = bag.accumulate((total, n) => total + n);
        expect(sums.partitions).toBe(partitions);
        expect(await recordsOf(sums)).toEqual(runningSums(items, 0));
        const from = bag.accumulate(async (total: string, n) => `${total} ${n}`, "");
        expect(await recordsOf(from)).toEqual([
          "",
          ...items.map((_, i) =>
            items
              .slice(0, i + 1)
              .map((n) => ` ${n}`)
              .join(""),
          ),
        ]);
      });

      test("accumulate puts each total into the part of its record, and passes empty parts", async () => {
        const some = bag.filter((n) => n > 40);
        const parts = await partsOf(some);
        const running = runningSums(parts.flat(), 0);
        const expected = parts.map((part) => running.splice(0, part.length));
        expect(await partsOf(some.accumulate((total, n) => total + n))).toEqual(expected);
        const [first = [], ...rest] = await partsOf(some.accumulate((total, n) => total + n, 0));
        expect([first.slice(1), ...rest]).toEqual(expected);
        expect(first[0]).toBe(0);
      });

      test("distinct, of records and by a key, in order of first appearance", async () => {
        expect(await recordsOf(bag.distinct())).toEqual([...new Set(items)]);
        const tagged = items.map((n, at) => ({ n, at }));
        const byDigit = fromSequence(tagged, { partitions }).distinct({ key: ({ n }) => n % 10 });
        expect(await recordsOf(byDigit)).toEqual(
          tagged.filter(({ n, at }) => items.findIndex((each) => each % 10 === n % 10) === at),
        );
      });
    });
  }
}

test("distinct tells records apart as keys are", async () => {
  const records = [
    null,
    undefined,
    Number.NaN,
    Number.NaN,
    -0,
    0,
    1,
    "1",
    1n,
    new Date(0),
    new Date(0),
  ];
  const more = [
    ...records,
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    [1],
    [1],
    ["1"],
    new Set([2, 1]),
    new Set([1, 2]),
  ];
  const expected = groupsOf(more, (record) => record).map(([record]) => record);
  expect(expected).toHaveLength(12);
  for (const partitions of partitionCounts) {
    const bag = fromSequence(more, { partitions });
    expect(await recordsOf(bag.distinct())).toEqual(expected);
    expect(await recordsOf(bag.distinct({ key: async (record) => record }))).toEqual(expected);
  }
});

test("an initial total is a copy in every part", async () => {
  const bag = fromSequence([1, 2, 3], { partitions: 3 });
  const pushing = bag.fold(
    (total: number[], n) => {
      total.push(n);
      return total;
    },
    { initial: [], combine: (a, b) => a.concat(b) },
  );
  expect(await itemValue(pushing)).toEqual([1, 2, 3]);
  expect(await itemValue(pushing)).toEqual([1, 2, 3]);
});

test("fold of nothing is the initial total, undefined too", async () => {
  const empty = fromSequence<number>([], { partitions: 3 });
  expect(await itemValue(empty.fold((a, b) => a + b, { initial: 7 }))).toBe(7);
  const none = empty.fold<undefined>(() => undefined, {
    initial: undefined,
    combine: () => undefined,
  });
  expect(await itemValue(none)).toBeUndefined();
});

test("reduction leaves out parts without records, and asks once about a bag without any", async () => {
  const sizes = (items: readonly number[], partitions: number): Promise<number[]> =>
    itemValue(
      fromSequence(items, { partitions }).reduction(
        async (records) => [(await records.toArray()).length],
        (all) => all.flat(),
      ),
    );
  expect(await sizes([1, 2], 7)).toEqual([1, 1]);
  expect(await sizes([], 7)).toEqual([0]);
});

test("a join with a list or another iterable", async () => {
  const orders = fromSequence(["a1", "b2", "c3", "a4"], { partitions: 3 });
  const names = new Map([
    ["a", "Ada"],
    ["c", "Cy"],
  ]);
  for (const other of [names, [...names]]) {
    const joined = orders.join(
      other,
      (order) => order.slice(0, 1),
      ([id]) => id,
    );
    expect(sorted(await recordsOf(joined))).toEqual(
      sorted([
        ["a1", ["a", "Ada"]],
        ["c3", ["c", "Cy"]],
        ["a4", ["a", "Ada"]],
      ]),
    );
  }
});
