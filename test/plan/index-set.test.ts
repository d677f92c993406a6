import fc from "fast-check";
import { expect, test } from "vitest";
import { coordinates, gridCount } from "../../src/plan/grid.ts";
import {
  allIndexes,
  forEachIndex,
  hasIndex,
  type IndexSet,
  indexCount,
  normaliseIndexes,
  unionIndexes,
} from "../../src/plan/index-set.ts";
import { range } from "./support/range.ts";

const grid = [3, 4];
const count = gridCount(grid);

const sets: fc.Arbitrary<IndexSet> = fc.oneof(
  fc.constant(allIndexes),
  fc
    .tuple(fc.nat(count), fc.nat(count))
    .map(([a, b]): IndexSet => ({ kind: "range", start: Math.min(a, b), end: Math.max(a, b) })),
  fc
    .uniqueArray(fc.nat(count - 1))
    .map((list): IndexSet => ({ kind: "list", indexes: Uint32Array.from(list).sort() })),
  fc.tuple(fc.nat(3), fc.nat(3), fc.nat(4), fc.nat(4)).map(
    ([a, b, c, d]): IndexSet => ({
      kind: "box",
      grid,
      start: [Math.min(a, b), Math.min(c, d)],
      end: [Math.max(a, b), Math.max(c, d)],
    }),
  ),
);

function members(set: IndexSet): number[] {
  const found: number[] = [];
  forEachIndex(set, count, (index) => found.push(index));
  return found;
}

test("has, count and iteration agree with the definition", () => {
  fc.assert(
    fc.property(sets, (set) => {
      const expected = range(count).filter((i) => {
        if (set.kind === "all") return true;
        if (set.kind === "range") return i >= set.start && i < set.end;
        if (set.kind === "list") return [...set.indexes].includes(i);
        return coordinates(grid, i).every(
          (at, axis) => at >= (set.start[axis] ?? 0) && at < (set.end[axis] ?? 0),
        );
      });
      expect(members(set)).toEqual(expected);
      expect(indexCount(set, count)).toBe(expected.length);
      expect(range(count).filter((i) => hasIndex(set, i, count))).toEqual(expected);
      expect(members(normaliseIndexes(set, count))).toEqual(expected);
    }),
  );
});

test("a union has the members of both, once", () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const expected = [...new Set([...members(a), ...members(b)])].sort((x, y) => x - y);
      expect(members(unionIndexes(a, b, count))).toEqual(expected);
    }),
  );
});

test("an outside index is in no set", () => {
  expect(hasIndex(allIndexes, 12, 12)).toBe(false);
  expect(hasIndex({ kind: "list", indexes: Uint32Array.of(1, 5) }, 3, 12)).toBe(false);
});

test("normal forms: nothing missing is `all`, nothing between is a range", () => {
  expect(normaliseIndexes({ kind: "range", start: 0, end: 12 }, 12)).toEqual(allIndexes);
  expect(normaliseIndexes({ kind: "list", indexes: Uint32Array.of(3, 4, 5) }, 12)).toEqual({
    kind: "range",
    start: 3,
    end: 6,
  });
  expect(normaliseIndexes({ kind: "box", grid, start: [1, 0], end: [2, 4] }, 12)).toEqual({
    kind: "range",
    start: 4,
    end: 8,
  });
});

test("ranges that do not touch are not joined", () => {
  const union = unionIndexes(
    { kind: "range", start: 0, end: 2 },
    { kind: "range", start: 5, end: 7 },
    count,
  );
  expect(members(union)).toEqual([0, 1, 5, 6]);
});
