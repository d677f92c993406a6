import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, joined, one, probe } from "./support.ts";

/** x + row + 1000·column, block by block: the smaller arrays are repeated by their indexes alone. */
function addBroadcast(x: Floats, row: Floats, column: Floats): Floats {
  const [rows = 0, columns = 0] = x.shape;
  const sum = makeBlock("float64", x.shape);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = i * columns + j;
      sum.data[at] = (x.data[at] ?? 0) + (row.data[j] ?? 0) + 1000 * (column.data[i] ?? 0);
    }
  }
  return sum;
}

probe("2-d broadcast of a row and a column", async (place) => {
  const x = await cut([7, 10], [2, 4]);
  const row = await cut([10], [4]);
  const column = await cut([7, 1], [2, 1]);
  const sum = apply(
    "add",
    addBroadcast,
    12,
    { of: x.expr, by: one },
    { of: row.expr, by: { kind: "grid", consumer: x.grid, producer: row.grid, axes: [1] } },
    {
      of: column.expr,
      by: { kind: "grid", consumer: x.grid, producer: column.grid, axes: [0, 1] },
    },
  );
  const { values } = await place.run([sum]);
  const got = joined(values[0] ?? [], [7, 10], [2, 4]);
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 10; j++) {
      const expected =
        (x.whole.data[i * 10 + j] ?? 0) +
        (row.whole.data[j] ?? 0) +
        1000 * (column.whole.data[i] ?? 0);
      expect(got.data[i * 10 + j]).toBe(expected);
    }
  }
});
