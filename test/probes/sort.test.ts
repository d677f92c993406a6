import { expect } from "vitest";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { emitExchange, stepsOver } from "../../src/plan/exchange.ts";
import type { Expr } from "../../src/plan/expr.ts";
import {
  call,
  calling,
  cut,
  type Floats,
  one,
  operation,
  ownOf,
  probe,
  type TaskInfo,
} from "./support.ts";

const parts = 4;

/** Every third element, told to the planner and not to another task. */
function sample(block: Floats, { report }: TaskInfo): number {
  report([...block.data].filter((_, i) => i % 3 === 0));
  return block.data.length;
}

function split(block: Floats, { own: boundaries }: TaskInfo<number[]>): Partitioned {
  const pieces: number[][] = Array.from({ length: boundaries.length + 1 }, () => []);
  for (const value of block.data) pieces[boundaries.filter((b) => b <= value).length]?.push(value);
  return new Partitioned(pieces.length, pieces);
}

function merge(pieces: (number[] | undefined)[]): number[] {
  return pieces.flatMap((piece) => piece ?? []).sort((a, b) => a - b);
}

function sorted(child: Expr): Expr {
  const parts_ = { children: [child], functions: [sample, split, merge] };
  return operation("sort", parts_, (context, layouts) => {
    const reads = layouts.map((layout) => ({ layout, by: one }));
    const samples = context.emit(calling("sample", layouts[0]?.count ?? 0, reads));
    const found = context.manifest(samples.stage)?.statistics as number[][] | undefined;
    if (found === undefined) return { wait: samples };
    const all = found.flat().sort((a, b) => a - b);
    const boundaries = [1, 2, 3].map((k) => all[Math.floor((k * all.length) / parts)] ?? 0);
    const draft = calling("split", samples.count, reads, 1);
    const own = ownOf(boundaries, samples.count);
    const exchange = emitExchange(context, { ...draft, own, parts, layout: boundaries });
    const steps = stepsOver([exchange], (pieces) => [call(2, pieces)]);
    return context.emit({ ...calling("merge", parts, []), slots: [exchange.slot], steps });
  });
}

probe("sampled sort with boundaries from the data", async (place) => {
  const x = await cut([500], [60]);
  const { values } = await place.run([sorted(x.expr)]);
  const chunks = (values[0] ?? []) as number[][];
  expect(chunks.flat()).toEqual([...x.whole.data].sort((a, b) => a - b));
  for (const chunk of chunks) expect(chunk.length).toBeLessThan((2 * 500) / parts);
});
