import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, joined, one, probe, range } from "./support.ts";

/** Sums over the middle axis of one block. */
function sumMiddle(x: Floats): Floats {
  const [a = 0, b = 0, c = 0] = x.shape;
  const sums = makeBlock("float64", [a, c]);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        sums.data[i * c + k] = (sums.data[i * c + k] ?? 0) + (x.data[(i * b + j) * c + k] ?? 0);
      }
    }
  }
  return sums;
}

function addAll(partials: Floats[]): Floats {
  const sum = makeBlock("float64", partials[0]?.shape ?? []);
  for (const partial of partials) {
    for (const [at, value] of partial.data.entries()) sum.data[at] = (sum.data[at] ?? 0) + value;
  }
  return sum;
}

probe("reduction along one axis of three", async (place) => {
  const x = await cut([4, 9, 5], [2, 2, 3]);
  const partial = apply("partial", sumMiddle, 20, { of: x.expr, by: one });
  const by = { kind: "contract", consumer: [2, 2], producer: x.grid, axes: [0, "all", 1] } as const;
  const { values } = await place.run([apply("sum", addAll, 4, { of: partial, by })]);
  const got = joined(values[0] ?? [], [4, 5], [2, 3]);
  for (let i = 0; i < 4; i++) {
    for (let k = 0; k < 5; k++) {
      const column = range(9).map((j) => x.whole.data[(i * 9 + j) * 5 + k] ?? 0);
      expect(got.data[i * 5 + k]).toBe(column.reduce((sum, value) => sum + value, 0));
    }
  }
});
