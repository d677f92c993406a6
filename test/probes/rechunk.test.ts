import { expect } from "vitest";
import { makeBlock, placeBlock, sliceBlock } from "../../src/chunk/block.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { inputCountMax } from "../../src/plan/mapping-fits.ts";
import { apply, cut, type Floats, probe, range, type TaskInfo } from "./support.ts";

const length = 12;

/** From blocks of one shape to blocks of another, of a square array: each reads what overlaps it. */
function rechunk(of: Expr, from: readonly [number, number], to: readonly [number, number]): Expr {
  const grid = (chunk: readonly number[]): number[] => chunk.map((size) => length / size);
  const [consumer, producer] = [grid(to), grid(from)];
  const bounds = (end: 0 | 1): Uint32Array[] =>
    [0, 1].map((axis) => {
      const [size = 1, old = 1] = [to[axis], from[axis]];
      return Uint32Array.from(range(length / size), (c) =>
        end === 0 ? Math.floor((c * size) / old) : Math.ceil(((c + 1) * size) / old),
      );
    });
  const assemble = (blocks: Floats[], { index, positions }: TaskInfo): Floats => {
    const block = makeBlock("float64", to);
    const across = (chunk: readonly [number, number], i: number): [number, number] => [
      Math.floor(i / (length / chunk[1])) * chunk[0],
      (i % (length / chunk[1])) * chunk[1],
    ];
    const [top, left] = across(to, index);
    for (const [k, piece] of blocks.entries()) {
      const [y, x] = across(from, positions[0]?.[k] ?? 0);
      const start = [Math.max(top - y, 0), Math.max(left - x, 0)];
      const end = [Math.min(top + to[0] - y, from[0]), Math.min(left + to[1] - x, from[1])];
      placeBlock(block, sliceBlock(piece, start, end), [
        Math.max(y - top, 0),
        Math.max(x - left, 0),
      ]);
    }
    return block;
  };
  const by = { kind: "ranges", consumer, producer, starts: bounds(0), ends: bounds(1) } as const;
  return apply("rechunk", assemble, (consumer[0] ?? 0) * (consumer[1] ?? 0), { of, by });
}

probe("rechunk from rows to columns through an intermediate grid", async (place) => {
  const rows = await cut([length, length], [1, length]);
  const columns = rechunk(rechunk(rows.expr, [1, length], [4, 4]), [4, 4], [length, 1]);
  const { values, stages } = await place.run([columns]);
  const reads = stages.flatMap((s) => s.slots.map((slot) => inputCountMax(slot.mapping, 12)));
  expect(reads).toEqual([4, 3]);
  for (const [j, column] of (values[0] ?? []).entries()) {
    const expected = range(length).map((i) => rows.whole.data[i * length + j]);
    expect([...(column as Floats).data]).toEqual(expected);
  }
});
