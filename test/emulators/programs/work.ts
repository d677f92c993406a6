import { fromSequence } from "../../../src/bag.ts";
import { type ComputeOptions, delayed } from "../../../src/index.ts";

/** A program: what it computes, and what must come of it by a plain loop. */
export interface Work {
  readonly name: string;
  make(): { compute(options?: ComputeOptions): Promise<unknown> };
  readonly expected: unknown;
}

const numbers = Array.from({ length: 400 }, (_, i) => i);
const words = numbers.map((i) => ["red", "green", "blue", "a much longer word"][(i * 7) % 4] ?? "");

function countsByLoop(): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function joinByLoop(): string[] {
  const pairs: string[] = [];
  for (const a of numbers.slice(0, 50)) {
    for (const b of numbers.slice(25, 75)) if (a % 10 === b % 10) pairs.push(`${a}-${b}`);
  }
  return pairs.sort();
}

/** The shapes of work there are: calls that depend on each other, bags, exchanges, large values, odd values. */
export const works: readonly Work[] = [
  {
    name: "a tree of calls",
    make: () => {
      const add = delayed((a: number, b: number) => a + b);
      const square = delayed((n: number) => n * n);
      const leaves = numbers.slice(0, 16).map((n) => square(n));
      const sum = (from: number, to: number): ReturnType<typeof square> => {
        const leaf = leaves[from];
        if (to - from === 1 && leaf) return leaf;
        const middle = (from + to) / 2;
        return add(sum(from, middle), sum(middle, to));
      };
      return sum(0, 16);
    },
    // Σ n² for n < 16 = 15·16·31/6.
    expected: 1240,
  },
  {
    name: "records that are mapped and filtered",
    make: () =>
      fromSequence(numbers, { partitions: 4 })
        .map((n) => ({ n, even: n % 2 === 0, at: new Date(n) }))
        .filter(({ n }) => n % 100 === 0),
    expected: [0, 100, 200, 300].map((n) => ({ n, even: true, at: new Date(n) })),
  },
  {
    name: "frequencies, by an exchange",
    make: () => {
      const sorted = delayed((counts: [string, number][]) =>
        counts.toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
      return sorted(fromSequence(words, { partitions: 5 }).frequencies());
    },
    expected: countsByLoop(),
  },
  {
    name: "a join",
    make: () => {
      const left = fromSequence(numbers.slice(0, 50), { partitions: 3 });
      const right = fromSequence(numbers.slice(25, 75), { partitions: 2 });
      const sorted = delayed((pairs: string[]) => pairs.toSorted());
      return sorted(left.join(right, (n) => n % 10).map(([a, b]) => `${a}-${b}`));
    },
    expected: joinByLoop(),
  },
  {
    name: "values larger than a reply takes",
    make: () => {
      const large = delayed((n: number) => new Float64Array(20_000).fill(n));
      const total = delayed((arrays: readonly Float64Array[]) =>
        arrays.reduce((sum, array) => sum + (array.at(-1) ?? 0) * array.length, 0),
      );
      return total(numbers.slice(1, 5).map((n) => large(n)));
    },
    expected: (1 + 2 + 3 + 4) * 20_000,
  },
  {
    name: "values of all types",
    make: () =>
      delayed((key: string) => ({
        map: new Map<unknown, unknown>([[key, new Set([1, 1n])]]),
        zero: -0,
        none: undefined,
        bytes: Uint8Array.of(1, 2, 3),
        text: "grün 😀",
      }))("k"),
    expected: {
      map: new Map([["k", new Set<unknown>([1, 1n])]]),
      zero: -0,
      none: undefined,
      bytes: Uint8Array.of(1, 2, 3),
      text: "grün 😀",
    },
  },
];
