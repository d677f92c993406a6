import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { partitionCounts, recordsOf, sorted } from "./run-bag.ts";

interface Row {
  readonly at: { x: number; readonly of: readonly { y: number }[] };
  readonly n: number;
}

/** Keys `{ x: 0 }`, `{ x: 1 }` and `{ x: 2 }` in turns, each an object of its own. */
const rows: readonly Row[] = Array.from({ length: 30 }, (_, n) => ({
  at: { x: n % 3, of: [{ y: 0 }] },
  n,
}));
/** Of the numbers below 30 those of one remainder by 3: 135 = 3·45, 145 and 155. */
const totals = [135, 145, 155].map((total, x) => [{ x, of: [{ y: 0 }] }, total]);
const add = (a: number, b: number): number => a + b;

/** Changes what it is given, so that all keys would be equal. */
function spoil({ at }: Row): void {
  at.x = 9;
  for (const inner of at.of) inner.y = 9;
}

for (const partitions of partitionCounts) {
  describe(`keys that are changed later, in ${partitions} parts`, () => {
    const bag = fromSequence(rows, { partitions });

    test("foldBy whose binop changes its record", async () => {
      const folded = bag.foldBy(
        (row) => row.at,
        (total: number, row) => {
          spoil(row);
          return total + row.n;
        },
        { initial: 0, combine: add },
      );
      expect(await recordsOf(folded)).toEqual(totals);
    });

    test("foldBy whose binop changes the total that is the first record", async () => {
      const folded = bag.foldBy(
        (row) => row.at,
        (total, row) => {
          spoil(total);
          return { ...total, n: total.n + row.n };
        },
      );
      const sums = folded.map(([key, { n }]) => [key, n]);
      expect(await recordsOf(sums)).toEqual(totals);
    });

    test("foldBy with one object as the key of several records", async () => {
      // What a record gives as its key is that of the record behind it, too.
      const shared = bag.mapPartitions(async function* (records) {
        const keys = new Map<number, Row["at"]>();
        for await (const { at, n } of records) {
          if (!keys.has(at.x)) keys.set(at.x, at);
          yield { at: keys.get(at.x) ?? at, n };
        }
      });
      const folded = shared.foldBy(
        (row) => row.at,
        async (total: number, row) => {
          spoil(row);
          return total + row.n;
        },
        { initial: 0, combine: add },
      );
      expect(await recordsOf(folded)).toEqual(totals);
    });

    test("groupBy and join whose later functions change the records", async () => {
      const groups = bag
        .groupBy((row) => row.at, { partitions: 2 })
        .map(([key, group]) => {
          for (const row of group) spoil(row);
          return [key, group.reduce((sum, { n }) => sum + n, 0)];
        });
      expect(sorted(await recordsOf(groups))).toEqual(sorted(totals));
      const names = fromSequence([0, 1, 2].map((x) => ({ x, of: [{ y: 0 }] })));
      const joined = bag
        .join(
          names,
          (row) => row.at,
          (key) => key,
        )
        .map(([row, key]) => {
          const { x } = key;
          spoil(row);
          spoil({ at: key, n: 0 });
          return x * 100 + row.n;
        });
      expect(sorted(await recordsOf(joined))).toEqual(
        sorted(rows.map(({ n }) => (n % 3) * 100 + n)),
      );
    });
  });
}
