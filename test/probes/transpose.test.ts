import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, joined, probe } from "./support.ts";

function transposed(x: Floats): Floats {
  const [rows = 0, columns = 0] = x.shape;
  const turned = makeBlock("float64", [columns, rows]);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned.data[j * rows + i] = x.data[i * columns + j] ?? 0;
  }
  return turned;
}

probe("transpose", async (place) => {
  const x = await cut([7, 10], [2, 4]);
  const consumer = [...x.grid].reverse();
  const by = { kind: "grid", consumer, producer: x.grid, axes: [1, 0] } as const;
  const { values } = await place.run([apply("transpose", transposed, 12, { of: x.expr, by })]);
  const got = joined(values[0] ?? [], [10, 7], [4, 2]);
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 10; j++) expect(got.data[j * 7 + i]).toBe(x.whole.data[i * 10 + j]);
  }
});
