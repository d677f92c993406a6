import { expect, test } from "vitest";
import { seededRandom } from "../../../src/base/seeded-random.ts";
import { NumberTable } from "../../../src/worker/kernels/bag-number-table.ts";

const seed = 12;
const odd = [Number.NaN, -0, 0, -1, 0.5, 1023.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 5e-324];

/** Whole numbers below `count` in a random order. */
function shuffled(count: number): number[] {
  const random = seededRandom(seed);
  const numbers = Array.from({ length: count }, (_, n) => n);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [numbers[i], numbers[other]] = [numbers[other] ?? 0, numbers[i] ?? 0];
  }
  return numbers;
}

test.each<[string, readonly number[]]>([
  ["one after the other", Array.from({ length: 150_000 }, (_, n) => n)],
  ["in any order", shuffled(150_000)],
  ["ever farther apart", Array.from({ length: 1000 }, (_, n) => n * n)],
  ["that are odd, before others", [...odd, ...shuffled(3000)]],
  ["that are odd, behind others", [...shuffled(3000), ...odd, 70_000, 3_000]],
  ["far from all others in between", [1, 2, 10_000_000, 3, 100_000, 50_000, -7]],
])(`numbers %s are found as in a Map (seed ${seed})`, (_name, keys) => {
  const table = new NumberTable();
  const map = new Map<number, number>();
  for (const key of keys) {
    expect(table.find(key)).toBe(map.get(key) ?? -1);
    if (map.has(key)) continue;
    table.add(key, map.size);
    map.set(key, map.size);
  }
  const asked = [...keys, ...odd, keys.length, keys.length + 0.5];
  expect(asked.map((key) => table.find(key))).toEqual(asked.map((key) => map.get(key) ?? -1));
});
