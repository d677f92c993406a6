import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, joined, probe } from "./support.ts";

const [height, width] = [8, 9];
const [down, across] = [2, 3];

/** Each element plus its four neighbours; rows end at the edge (0 beyond it), columns wrap around. */
function stencil(
  blocks: Floats[],
  { index, positions }: { index: number; positions: number[][] },
): Floats {
  const columns = width / across;
  const held = new Map(blocks.map((block, k) => [positions[0]?.[k], block]));
  const at = (i: number, j: number): number => {
    const x = (j + width) % width;
    const block = held.get(Math.floor(i / down) * columns + Math.floor(x / across));
    return i < 0 || i >= height
      ? 0
      : (block?.data[(i % down) * across + (x % across)] ?? Number.NaN);
  };
  const out = makeBlock("float64", [down, across]);
  const [top, left] = [Math.floor(index / columns) * down, (index % columns) * across];
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      const [y, x] = [top + i, left + j];
      out.data[i * across + j] =
        at(y, x) + at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1);
    }
  }
  return out;
}

probe("halo exchange", async (place) => {
  const x = await cut([height, width], [down, across]);
  const by = { kind: "neighbours", grid: x.grid, depth: [1, 1], periodic: [false, true] } as const;
  const { values } = await place.run([apply("stencil", stencil, 12, { of: x.expr, by })]);
  const got = joined(values[0] ?? [], [height, width], [down, across]);
  const whole = (i: number, j: number): number =>
    i < 0 || i >= height ? 0 : (x.whole.data[i * width + ((j + width) % width)] ?? Number.NaN);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const expected =
        whole(i, j) + whole(i - 1, j) + whole(i + 1, j) + whole(i, j - 1) + whole(i, j + 1);
      expect(got.data[i * width + j]).toBe(expected);
    }
  }
});
