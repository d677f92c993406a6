import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { apply, cut, type Floats, one, probe, type TaskInfo } from "./support.ts";

probe("one index of a stage first and then all, sharing chunks", async (place) => {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-probe-log-")), "ran");
  const doubled = (block: Floats, { index }: TaskInfo): Floats => {
    fs.appendFileSync(log, `${index}\n`);
    const out = makeBlock("float64", block.shape);
    for (const [i, value] of block.data.entries()) out.data[i] = 2 * value;
    return out;
  };
  /** Indexes that have run since it was last asked; a slow one may have had a backup. */
  const ran = (): string[] => {
    const indexes = new Set(fs.readFileSync(log, "utf8").trim().split("\n"));
    fs.rmSync(log);
    return [...indexes].sort();
  };
  const x = await cut([40], [4]);
  const all = apply("double", doubled, 10, { of: x.expr, by: one });
  const some = { expr: all, indexes: { kind: "range", start: 3, end: 4 } } as const;
  const first = await place.run([some]);
  expect(ran()).toEqual(["3"]);
  const second = await place.run([all]);
  expect(ran()).toEqual(["0", "1", "2", "4", "5", "6", "7", "8", "9"]);
  const got = [...first.values.flat(), ...second.values.flat()].map((block) => [
    ...(block as Floats).data,
  ]);
  const expected = (start: number): number[] =>
    [...x.whole.data.slice(start, start + 4)].map((v) => 2 * v);
  expect(got).toEqual([3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => expected(4 * i)));
  fs.rmSync(path.dirname(log), { recursive: true });
});
