import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { groupsOf, partitionCounts, partsOf, recordsOf, sequences, sorted } from "./run-bag.ts";

/** Keys of every kind: the function sends records to them by number. */
const keyKinds: Readonly<Record<string, (n: number) => unknown>> = {
  numbers: (n) => n % 5,
  "numbers with NaN, -0 and 0": (n) => [Number.NaN, -0, 0, Number.POSITIVE_INFINITY][n % 4],
  texts: (n) => `key ${n % 7}`,
  "texts that start with a byte order mark": (n) => `\ufeffkey ${n % 31}`,
  "texts that look like other keys": (n) => ["\u0001n1", "\u0001", "", "1", "\u0001o0"][n % 5],
  "null, undefined and booleans": (n) => [null, undefined, true, false][n % 4],
  bigints: (n) => BigInt(n % 3) * 2n ** 64n,
  dates: (n) => new Date((n % 4) * 1000),
  records: (n) => (n % 2 ? { a: n % 3, b: null } : { b: null, a: n % 3 }),
  "arrays of mixed values": (n) => [n % 2, String(n % 3), null],
  "numbers, texts and bigints that look alike": (n) => [1, "1", 1n, true][n % 4],
  "typed arrays": (n) =>
    [Float64Array, Float32Array, Uint8Array].map((kind) => kind.of(n % 2))[n % 3],
  "one huge key": (n) => (n === 0 ? "rare" : "huge"),
};

for (const partitions of partitionCounts) {
  for (const [name, items] of sequences) {
    for (const [kind, key] of Object.entries(keyKinds)) {
      describe(`${name} in ${partitions} parts, keys: ${kind}`, () => {
        const bag = fromSequence(items, { partitions });
        const expected = groupsOf(items, key);

        test("frequencies, in order of first appearance", async () => {
          expect(await recordsOf(bag.map(key).frequencies())).toEqual(
            expected.map(([value, group]) => [value, group.length]),
          );
        });

        test("foldBy", async () => {
          const folded = bag.foldBy(
            key,
            (total, n) => ({ sum: total.sum + n, count: total.count + 1 }),
            {
              initial: { sum: 0, count: 0 },
              combine: (a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }),
            },
          );
          expect(await recordsOf(folded)).toEqual(
            expected.map(([value, group]) => [
              value,
              { sum: group.reduce((a, b) => a + b, 0), count: group.length },
            ]),
          );
        });

        test("groupBy, each key in exactly one part, records in order", async () => {
          const parts = await partsOf(bag.groupBy(key, { partitions: 3 }));
          expect(parts).toHaveLength(3);
          expect(sorted(parts.flat())).toEqual(sorted(expected));
        });
      });
    }
  }
}

test("-0 and 0 are one key in arrays of all kinds, and so is every NaN", async () => {
  const oddNaN = new Float64Array(new BigUint64Array([0x7ff8_0000_0000_0001n]).buffer);
  expect(oddNaN).toEqual(Float64Array.of(Number.NaN));
  const keys = [[-0], [0], Float64Array.of(-0), Float64Array.of(0), Float32Array.of(0, -0)];
  const oddHalfNaN = new Float16Array(new Uint16Array([0x7e01]).buffer);
  const halves = [Float16Array.of(-0), Float16Array.of(0), oddHalfNaN, Float16Array.of(Number.NaN)];
  const more = [
    ...halves,
    Float32Array.of(-0, 0),
    oddNaN,
    Float64Array.of(Number.NaN),
    [Number.NaN],
  ];
  const counts = fromSequence([...keys, ...more], { partitions: 3 }).frequencies();
  expect((await recordsOf(counts)).map(([, count]) => count)).toEqual([2, 2, 2, 2, 2, 2, 1]);
});

test("foldBy without an initial value starts with the first record", async () => {
  const bag = fromSequence([5, 2, 9, 4, 7], { partitions: 2 });
  const largest = bag.foldBy(
    (n) => n % 2,
    (a, b) => Math.max(a, b),
  );
  expect(await recordsOf(largest)).toEqual([
    [1, 9],
    [0, 4],
  ]);
});

test("foldBy gives every key an initial value of its own, and awaits async functions", async () => {
  const bag = fromSequence(["a1", "b1", "a2", "a3"], { partitions: 1 });
  const lists = bag.foldBy(
    async (text) => text.slice(0, 1),
    async (list: string[], text) => {
      list.push(text);
      return list;
    },
    { initial: [], combine: (a, b) => [...a, ...b] },
  );
  expect(await recordsOf(lists)).toEqual([
    ["a", ["a1", "a2", "a3"]],
    ["b", ["b1"]],
  ]);
});

test("groupBy chooses its parts from measured bytes", async () => {
  const bag = fromSequence(Array.from({ length: 500 }, (_, n) => `record number ${n}`));
  expect(bag.groupBy((text) => text.length).partitions).toBeUndefined();
  const parts = await partsOf(
    bag.groupBy((text) => text),
    { partBytes: 4096 },
  );
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.flat()).toHaveLength(500);
});

test("groupBy and join over more parts than one exchange takes", async () => {
  const options = { directPartsMax: 4, broadcastBytesMax: 1 };
  const items = Array.from({ length: 400 }, (_, n) => n % 90);
  const bag = fromSequence(items, { partitions: 7 });
  const parts = await partsOf(
    bag.groupBy((n) => n, { partitions: 30 }),
    options,
  );
  expect(parts).toHaveLength(30);
  expect(sorted(parts.flat())).toEqual(sorted(groupsOf(items, (n) => n)));
  const squares = fromSequence(
    items.slice(0, 50).map((n) => [n, n * n] as const),
    { partitions: 3 },
  );
  const joined = bag.join(
    squares,
    (n) => n,
    ([n]) => n,
    { partitions: 30 },
  );
  expect(sorted(await recordsOf(joined, options))).toEqual(
    sorted(items.filter((n) => n < 50).map((n) => [n, [n, n * n]])),
  );
});

interface Order {
  readonly customer: number | null;
  readonly amount: number;
}

describe("join", () => {
  const customers = Array.from({ length: 60 }, (_, id) => ({ id: id % 40, name: `c${id}` }));
  const orders: Order[] = Array.from({ length: 700 }, (_, n) => ({
    customer: n % 3 === 0 ? 7 : n % 45 === 44 ? null : n % 45,
    amount: n,
  }));
  const pairs = sorted(
    orders.flatMap((order) =>
      customers.filter(({ id }) => id === order.customer).map((customer) => [order, customer]),
    ),
  );
  const ways = {
    "a small side broadcast": { broadcastBytesMax: 2 ** 20 },
    "the smaller side broadcast": { broadcastBytesMax: 7000 },
    "both sides exchanged": { broadcastBytesMax: 1 },
  };
  for (const [way, options] of Object.entries(ways)) {
    for (const partitions of partitionCounts) {
      test(`${way}, ${partitions} parts`, async () => {
        const left = fromSequence(orders, { partitions });
        const right = fromSequence(customers, { partitions });
        const joined = left.join(
          right,
          (order) => order.customer,
          (customer) => customer.id,
          { partitions: 5 },
        );
        expect(sorted(await recordsOf(joined, options))).toEqual(pairs);
        const swapped = right.join(
          left,
          (customer) => customer.id,
          (order) => order.customer,
        );
        const back = (await recordsOf(swapped, options)).map(([a, b]) => [b, a]);
        expect(sorted(back)).toEqual(pairs);
      });
    }

    test(`${way}, one side empty`, async () => {
      const empty = fromSequence<Order>([], { partitions: 2 });
      const full = fromSequence(orders, { partitions: 2 });
      const key = (order: Order): unknown => order.customer;
      expect(await recordsOf(empty.join(full, key), options)).toEqual([]);
      expect(await recordsOf(full.join(empty, key), options)).toEqual([]);
    });

    test(`${way}, one key function for both sides, null keys equal`, async () => {
      const left = fromSequence(["ant", "bee", null], { partitions: 2 });
      const right = fromSequence(["bat", null, "axe"], { partitions: 3 });
      const joined = left.join(right, (text) => text?.slice(0, 1) ?? null);
      expect(sorted(await recordsOf(joined, options))).toEqual(
        sorted([
          ["ant", "axe"],
          ["bee", "bat"],
          [null, null],
        ]),
      );
    });
  }
});
