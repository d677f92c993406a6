import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, joined, probe, range } from "./support.ts";

/** The product of a row of blocks with a column of blocks. */
function multiply(row: Floats[], column: Floats[]): Floats {
  const product = makeBlock("float64", [row[0]?.shape[0] ?? 0, column[0]?.shape[1] ?? 0]);
  for (const [k, a] of row.entries()) {
    const b = column[k] ?? a;
    const [rows = 0, inner = 0] = a.shape;
    const columns = b.shape[1] ?? 0;
    for (let i = 0; i < rows; i++) {
      for (let n = 0; n < inner; n++) {
        for (let j = 0; j < columns; j++) {
          const at = i * columns + j;
          product.data[at] =
            (product.data[at] ?? 0) + (a.data[i * inner + n] ?? 0) * (b.data[n * columns + j] ?? 0);
        }
      }
    }
  }
  return product;
}

probe("matmul by contraction", async (place) => {
  const a = await cut([6, 11], [2, 4]);
  const b = await cut([11, 5], [4, 3]);
  const consumer = [a.grid[0] ?? 0, b.grid[1] ?? 0];
  const product = apply(
    "matmul",
    multiply,
    6,
    { of: a.expr, by: { kind: "contract", consumer, producer: a.grid, axes: [0, "all"] } },
    { of: b.expr, by: { kind: "contract", consumer, producer: b.grid, axes: ["all", 1] } },
  );
  const { values } = await place.run([product]);
  const got = joined(values[0] ?? [], [6, 5], [2, 3]);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 5; j++) {
      const terms = range(11).map(
        (k) => (a.whole.data[i * 11 + k] ?? 0) * (b.whole.data[k * 5 + j] ?? 0),
      );
      expect(got.data[i * 5 + j]).toBe(terms.reduce((sum, term) => sum + term, 0));
    }
  }
});
