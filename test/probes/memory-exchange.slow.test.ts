import { afterAll, beforeAll, test } from "vitest";
import { makeBlock } from "../../src/chunk/block.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import {
  chooseParts,
  emitExchange,
  measuredPartBytes,
  stepsOver,
} from "../../src/plan/exchange.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { Layout, LowerContext } from "../../src/plan/lower-context.ts";
import type { MemoryClass } from "../../src/plan/stage.ts";
import { Bench, expectTight, mebibyte, stageOf } from "../memory/support.ts";
import { inTurn } from "../memory/turns.ts";
import type { ProbeFunction } from "./places.ts";
import { call, calling, type Floats, one, operation, ownOf, type TaskInfo } from "./support.ts";

const length = 9 * mebibyte;
/** 72 MiB. */
const blockBytes = 8 * length;
const blocks = 2;
/** Workers that run one task each: the largest peak counts. */
const workers = 3;

const on = new Bench(2048 * mebibyte, { directPartsMax: 2, partBytes: 80 * mebibyte });
afterAll(() => on[Symbol.dispose]());

/** Two blocks of numbers in [0, 1) without an order. */
const source = operation(
  "source",
  {
    functions: [
      ({ index }: TaskInfo): Floats => {
        const block = makeBlock("float64", [9 * 2 ** 20]);
        for (let i = 0; i < block.data.length; i++) {
          block.data[i] = (Math.imul(2 * i + index, 2654435761) >>> 0) / 2 ** 32;
        }
        return block;
      },
    ],
  },
  (context) =>
    context.emit({
      ...calling("source", blocks, []),
      memory: { class: "exact", operation: 0, output: blockBytes },
      chunkBytes: blockBytes,
      fusible: false,
    }),
);

/** Every so many elements, told to the planner. */
function sample(block: Floats, { report }: TaskInfo): number {
  report(Array.from({ length: 1024 }, (_, i) => block.data[i * (block.data.length / 1024)] ?? 0));
  return block.data.length;
}

/** Pieces between `boundaries`, each as large as it must be. */
function split(block: Floats, { own: boundaries }: TaskInfo<number[]>): Partitioned {
  const partOf = (value: number): number => {
    let part = 0;
    while (part < boundaries.length && value >= (boundaries[part] ?? 0)) part++;
    return part;
  };
  const counts = [...boundaries, 1].map(() => 0);
  for (const value of block.data) {
    const part = partOf(value);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  const pieces = counts.map((count) => makeBlock("float64", [count]));
  const filled = counts.map(() => 0);
  for (const value of block.data) {
    const part = partOf(value);
    const at = filled[part] ?? 0;
    const piece = pieces[part];
    if (piece !== undefined) piece.data[at] = value;
    filled[part] = at + 1;
  }
  return new Partitioned(pieces.length, pieces);
}

/** One block of all pieces. */
function gather(pieces: (Floats | undefined)[]): Floats {
  const found = pieces.filter((piece) => piece !== undefined);
  const whole = makeBlock("float64", [found.reduce((sum, { data }) => sum + data.length, 0)]);
  let filled = 0;
  for (const { data } of found) {
    whole.data.set(data, filled);
    filled += data.length;
  }
  return whole;
}

/** One block of all pieces, in order. */
function merge(pieces: (Floats | undefined)[]): Floats {
  const whole = gather(pieces);
  whole.data.sort();
  return whole;
}

type Choose = (
  context: LowerContext,
  input: Layout,
) => readonly number[] | { readonly wait: Layout };

/** Numbers to where the boundaries say that `choose` finds; parts are measured before they are read. */
function exchanged(name: string, join: ProbeFunction, choose: Choose): Expr {
  const spec = { children: [source], functions: [split, join, sample], params: name };
  return operation(name, spec, (context, [input = never()]) => {
    const boundaries = choose(context, input);
    if ("wait" in boundaries) return boundaries;
    const parts = boundaries.length + 1;
    const exchange = emitExchange(context, {
      ...calling("split", blocks, [{ layout: input, by: one }]),
      own: ownOf(boundaries, blocks),
      parts,
      layout: boundaries,
      memory: { class: "exact", operation: 0, output: blockBytes },
    });
    const partBytes = measuredPartBytes(context, exchange);
    if (partBytes === undefined) return { wait: exchange.measured };
    const largest = Math.max(...partBytes);
    return context.emit({
      ...calling("join", parts, []),
      slots: [exchange.slot],
      steps: stepsOver([exchange], (pieces) => [call(1, pieces)]),
      memory: { class: "bounded", inputs: [largest], operation: 0, output: largest },
    });
  });
}

function never(): never {
  throw new Error("no child");
}

const halves: Choose = () => [1 / 2];
const quarters: Choose = () => [1 / 4, 1 / 2, 3 / 4];

const bySamples: Choose = (context, input) => {
  const reads = [{ layout: input, by: one }];
  // Stored, so that it is found by the worker that is measured.
  const samples = context.emit({ ...calling("sample", blocks, reads, 2), store: true });
  const found = context.manifest(samples.stage)?.statistics as number[][] | undefined;
  if (found === undefined) return { wait: samples };
  const all = found.flat().sort((a, b) => a - b);
  return [all[all.length / 2] ?? 0];
};

const byMeasure: Choose = (context, input) => {
  const manifest = context.manifest(input.stage);
  if (manifest === undefined) return { wait: input };
  const parts = chooseParts([manifest], context.options);
  return Array.from({ length: parts - 1 }, (_, i) => (i + 1) / parts);
};

const sorted = (): Expr => exchanged("sort", merge, bySamples);
const measured = (): Expr => exchanged("measured", gather, byMeasure);
const direct = (): Expr => exchanged("direct", gather, halves);
const twoStage = (): Expr => exchanged("two-stage", gather, quarters);

/**
 * Combiners of an operation whose user declared what a task takes, since nobody measures what they read before they run:
 * that much, which is half of the data, and garbage of a stream.
 */
function combiner(): Expr {
  return stageOf({ ...twoStage(), annotations: { memoryBytes: blockBytes + 32 * mebibyte } }, 1);
}

beforeAll(() => on.prepare(source));

const cases: readonly (readonly [string, MemoryClass, () => Expr])[] = [
  ["writes an exchange", "exact", () => stageOf(direct(), 0)],
  ["sorts a part by sampled boundaries", "bounded", sorted],
  ["splits by sampled boundaries", "exact", () => stageOf(sorted(), 1)],
  ["reads an exchange whose count was measured", "bounded", measured],
  ["writes the first stage of two", "exact", () => stageOf(twoStage(), 0)],
  ["combines between two stages", "declared", combiner],
  ["reads the second stage of two", "bounded", twoStage],
];

test.each(inTurn(cases))(
  "a task that %s takes no more than was projected, and the projection is tight",
  async (_what, expected, write) => {
    const expr = write();
    await on.rehearse(expr, [source]);
    expectTight(await on.measure(expr, [source], workers), expected);
  },
);
