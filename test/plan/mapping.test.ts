import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coordinates, gridCount, positionOf } from "../../src/plan/grid.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import {
  composeMappings,
  normaliseMapping,
  readsEachOnce,
} from "../../src/plan/mapping-compose.ts";
import { forEachDependent } from "../../src/plan/mapping-dependents.ts";
import { forEachInput, inputCount, inputsOf, partOf } from "../../src/plan/mapping-inputs.ts";
import { range } from "./support/range.ts";

/** A mapping with stage sizes that fit it. */
interface Sample {
  readonly mapping: InputMapping;
  readonly producerCount: number;
  readonly consumerCount: number;
}

/** What the mapping's doc comment says, in the slowest and plainest words. */
function bruteInputs(sample: Sample, i: number): number[] {
  const { mapping: m, producerCount } = sample;
  const producers = range(producerCount);
  switch (m.kind) {
    case "one":
      return producers.filter((p) => p === i);
    case "shifted":
      return producers.filter((p) => p + m.by === i);
    case "all":
      return producers;
    case "group":
      return producers.filter((p) => Math.floor(p / m.size) === i);
    case "grid":
    case "contract": {
      const c = coordinates(m.consumer, i);
      return producers.filter((p) =>
        coordinates(m.producer, p).every((at, axis) => {
          const follows = m.axes[axis] ?? null;
          if (follows === "all") return true;
          return at === (follows === null || m.producer[axis] === 1 ? 0 : c[follows]);
        }),
      );
    }
    case "neighbours": {
      const c = coordinates(m.grid, i);
      return producers.filter((p) =>
        coordinates(m.grid, p).every((at, axis) => {
          const distance = Math.abs(at - (c[axis] ?? 0));
          const around = m.periodic[axis] ? (m.grid[axis] ?? 0) - distance : Infinity;
          return Math.min(distance, around) <= (m.depth[axis] ?? 0);
        }),
      );
    }
    case "ranges": {
      const c = coordinates(m.consumer, i);
      return producers.filter((p) =>
        coordinates(m.producer, p).every((at, axis) => {
          const k = c[axis] ?? 0;
          return at >= (m.starts[axis]?.[k] ?? 0) && at < (m.ends[axis]?.[k] ?? 0);
        }),
      );
    }
    case "part": {
      const group = i % m.groups;
      return producers.filter((p) => Math.floor(p / m.span) === group);
    }
    case "combined":
      return producers.filter((p) => Math.floor(p / m.groups) === Math.floor(i / m.fine));
    case "csr":
      return [...m.targets.slice(m.offsets[i], m.offsets[i + 1])];
  }
}

const size = (max: number) => fc.integer({ min: 1, max });
const grid = fc.array(size(4), { minLength: 1, maxLength: 3 });

const plain: fc.Arbitrary<Sample> = fc
  .record({ producerCount: fc.integer({ min: 0, max: 20 }), k: size(6), all: fc.boolean() })
  .map(({ producerCount, k, all }) => ({
    mapping: all ? { kind: "all" } : { kind: "group", size: k },
    producerCount,
    consumerCount: all ? k : Math.ceil(producerCount / k),
  }));

const exchanges: fc.Arbitrary<Sample> = fc
  .record({ producers: size(12), coarse: size(4), fine: size(4), groups: size(4) })
  .chain(({ producers, coarse, fine, groups }) => {
    const span = Math.ceil(producers / groups);
    const part: Sample = {
      mapping: { kind: "part", groups, span },
      producerCount: producers,
      consumerCount: coarse * groups,
    };
    const combined: Sample = {
      mapping: { kind: "combined", fine, groups },
      producerCount: coarse * groups,
      consumerCount: coarse * fine,
    };
    return fc.constantFrom(part, combined);
  });

const follows: fc.Arbitrary<Sample> = fc
  .tuple(
    grid,
    fc.array(fc.tuple(fc.nat(9), fc.boolean(), fc.constantFrom("all", null)), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.boolean(),
  )
  .map(([consumer, picks, contract]) => {
    const axes: (number | "all" | null)[] = [];
    const producer: number[] = [];
    for (const [n, single, other] of picks) {
      const axis = n % (consumer.length + 1);
      const followed = consumer[axis];
      axes.push(followed === undefined ? (contract ? other : null) : axis);
      producer.push(single ? 1 : (followed ?? (n % 3) + 1));
    }
    const mapping = contract
      ? { kind: "contract" as const, consumer, producer, axes }
      : {
          kind: "grid" as const,
          consumer,
          producer,
          axes: axes.map((a) => (a === "all" ? null : a)),
        };
    return { mapping, producerCount: gridCount(producer), consumerCount: gridCount(consumer) };
  });

const neighbours: fc.Arbitrary<Sample> = grid
  .chain((g) => {
    const per = { minLength: g.length, maxLength: g.length };
    return fc.tuple(fc.constant(g), fc.array(fc.nat(3), per), fc.array(fc.boolean(), per));
  })
  .map(([g, depth, periodic]) => ({
    mapping: { kind: "neighbours", grid: g, depth, periodic },
    producerCount: gridCount(g),
    consumerCount: gridCount(g),
  }));

const ranges: fc.Arbitrary<Sample> = fc
  .array(
    fc.tuple(size(4), fc.array(fc.tuple(fc.nat(9), fc.nat(4)), { minLength: 1, maxLength: 4 })),
    { minLength: 1, maxLength: 3 },
  )
  .map((axes) => {
    const starts = axes.map(([n, pairs]) => Uint32Array.from(pairs, ([s]) => s % n));
    const ends = axes.map(([n, pairs]) =>
      Uint32Array.from(pairs, ([s, l]) => Math.min(n, (s % n) + l)),
    );
    const producer = axes.map(([n]) => n);
    const consumer = axes.map(([, pairs]) => pairs.length);
    return {
      mapping: { kind: "ranges", consumer, producer, starts, ends },
      producerCount: gridCount(producer),
      consumerCount: gridCount(consumer),
    };
  });

const csr: fc.Arbitrary<Sample> = fc
  .tuple(size(8), fc.array(fc.array(fc.nat(7), { maxLength: 5 }), { maxLength: 8 }))
  .map(([producerCount, rows]) => {
    const offsets = new Uint32Array(rows.length + 1);
    for (const [i, row] of rows.entries()) offsets[i + 1] = (offsets[i] ?? 0) + row.length;
    const targets = Uint32Array.from(rows.flat(), (t) => t % producerCount);
    return {
      mapping: { kind: "csr", offsets, targets },
      producerCount,
      consumerCount: rows.length,
    };
  });

const one: fc.Arbitrary<Sample> = fc
  .nat(9)
  .map((n) => ({ mapping: { kind: "one" }, producerCount: n, consumerCount: n }));

const shifted: fc.Arbitrary<Sample> = fc
  .record({ producerCount: fc.nat(9), by: fc.nat(9), behind: fc.nat(9) })
  .map(({ producerCount, by, behind }) => ({
    mapping: { kind: "shifted", by },
    producerCount,
    consumerCount: by + producerCount + behind,
  }));

describe.each([
  ["one", one],
  ["shifted", shifted],
  ["all and group", plain],
  ["grid and contract", follows],
  ["neighbours", neighbours],
  ["ranges", ranges],
  ["part and combined", exchanges],
  ["csr", csr],
] as const)("the mapping %s", (_name, samples) => {
  test("reads what its definition says", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { mapping, producerCount } = sample;
        for (const i of range(sample.consumerCount)) {
          const inputs = inputsOf(mapping, i, producerCount);
          const sorted = mapping.kind === "csr" ? inputs : [...inputs].sort((a, b) => a - b);
          expect(sorted).toEqual(bruteInputs(sample, i));
          expect(inputCount(mapping, i, producerCount)).toBe(inputs.length);
        }
      }),
    );
  });

  test("names as dependents exactly those that read the chunk", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        for (const p of range(sample.producerCount)) {
          const dependents: number[] = [];
          forEachDependent(sample.mapping, p, sample, (consumer) => dependents.push(consumer));
          const expected = range(sample.consumerCount).flatMap((i) =>
            bruteInputs(sample, i)
              .filter((input) => input === p)
              .map(() => i),
          );
          expect(dependents.sort((a, b) => a - b)).toEqual(expected);
        }
      }),
    );
  });
});

test("a window that does not wrap over itself reads in the order of space", () => {
  const mapping: InputMapping = { kind: "neighbours", grid: [6], depth: [1], periodic: [true] };
  expect(inputsOf(mapping, 0, 6)).toEqual([5, 0, 1]);
  expect(inputsOf(mapping, 5, 6)).toEqual([4, 5, 0]);
});

test("every consumer of a two-stage exchange reads each producer's rows of its part once", () => {
  // 7 producers in 3 groups of 3; 4 coarse parts of 5 fine ones.
  const first: InputMapping = { kind: "part", groups: 3, span: 3 };
  const second: InputMapping = { kind: "combined", fine: 5, groups: 3 };
  for (const i of range(20)) {
    const read: [number, number][] = [];
    forEachInput(second, i, 12, (combiner, fine) => {
      expect(fine).toBe(i % 5);
      const coarse = partOf(first, combiner);
      forEachInput(first, combiner, 7, (producer) =>
        read.push([producer, (coarse ?? 0) * 5 + (fine ?? 0)]),
      );
    });
    expect(read).toEqual(range(7).map((producer) => [producer, i]));
  }
});

test("a composed mapping reads what the middle one would have", () => {
  fc.assert(
    fc.property(follows, follows, (outer, inner) => {
      if (outer.mapping.kind !== "grid") return;
      if (inner.mapping.kind !== "grid" && inner.mapping.kind !== "contract") return;
      const middle = outer.mapping.producer;
      const axes = inner.mapping.axes.map((a) =>
        typeof a === "number" && a >= middle.length ? null : a,
      );
      const producer = axes.map((a, axis) =>
        typeof a === "number" && inner.mapping.kind !== "one" && inner.producerCount > 1
          ? Math.min(middle[a] ?? 1, producerOf(inner)[axis] ?? 1) === 1
            ? 1
            : (middle[a] ?? 1)
          : (producerOf(inner)[axis] ?? 1),
      );
      const fitted: InputMapping =
        inner.mapping.kind === "contract"
          ? { kind: "contract", consumer: middle, producer, axes }
          : {
              kind: "grid",
              consumer: middle,
              producer,
              axes: axes.map((a) => (a === "all" ? null : a)),
            };
      const composed = composeMappings(outer.mapping, fitted);
      if (composed === undefined) throw new Error("grids compose");
      for (const i of range(outer.consumerCount)) {
        const through = inputsOf(outer.mapping, i, gridCount(middle)).flatMap((m) =>
          inputsOf(fitted, m, gridCount(producer)),
        );
        expect(inputsOf(composed, i, gridCount(producer))).toEqual(through);
      }
    }),
  );
});

function producerOf(sample: Sample): readonly number[] {
  const { mapping } = sample;
  return mapping.kind === "grid" || mapping.kind === "contract" ? mapping.producer : [];
}

test("a mapping that reads each chunk once is told from one that repeats or skips", () => {
  fc.assert(
    fc.property(follows, (sample) => {
      const { mapping, producerCount, consumerCount } = sample;
      const read = range(consumerCount).flatMap((i) => inputsOf(mapping, i, producerCount));
      const bijective =
        mapping.kind === "grid" &&
        [...read].sort((a, b) => a - b).join() === range(producerCount).join();
      expect(readsEachOnce(mapping)).toBe(bijective);
      const identical = bijective && read.join() === range(producerCount).join();
      expect(normaliseMapping(mapping).kind).toBe(identical ? "one" : mapping.kind);
    }),
  );
});

test("grid positions and coordinates are row-major", () => {
  expect(coordinates([2, 3, 4], 23)).toEqual([1, 2, 3]);
  expect(coordinates([2, 3, 4], 5)).toEqual([0, 1, 1]);
  expect(positionOf([2, 3, 4], [1, 0, 2])).toBe(14);
});
