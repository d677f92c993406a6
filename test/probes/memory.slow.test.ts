import { afterAll, beforeAll, test } from "vitest";
import { makeBlock, placeBlock, sliceBlock } from "../../src/chunk/block.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import { Bench, expectTight, mebibyte } from "../memory/support.ts";
import { inTurn } from "../memory/turns.ts";
import type { ProbeFunction } from "./places.ts";
import { calling, type Floats, one, operation, type Reads, range } from "./support.ts";

const side = 3072;
/** 72 MiB. */
const blockBytes = 8 * side * side;
/** Workers that run one task each: the largest peak counts. */
const runs = 5;

const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());

/** A stage over blocks of one size that holds its inputs, its output, and nothing else. */
function typed(name: string, fn: ProbeFunction, ...reads: readonly Reads[]): Expr {
  const spec = {
    children: reads.map(({ of }) => of),
    functions: [fn],
    params: reads.map(({ by }) => by),
  };
  return operation(name, spec, (context, layouts) => {
    const read = layouts.map((layout, i) => ({ layout, by: reads[i]?.by ?? one }));
    // Only the function that assembles cuts pieces first, as large as a block together.
    const pieces = name === "rechunk" ? blockBytes : 0;
    const memory = { class: "exact", operation: pieces, output: blockBytes } as const;
    const draft = calling(name, runs, read);
    return context.emit({
      ...draft,
      slots: draft.slots.map(({ positions: _, ...slot }) => slot),
      memory,
      chunkBytes: blockBytes,
      fusible: name === "chained",
    });
  });
}

const source = typed("source", ({ index }: { index: number }) => {
  const block = makeBlock("float64", [side, side]);
  block.data.fill(index + 1);
  return block;
});

function added(a: Floats, [b]: Floats[]): Floats {
  const sum = makeBlock("float64", a.shape);
  for (let i = 0; i < sum.data.length; i++) sum.data[i] = (a.data[i] ?? 0) + (b?.data[i] ?? 0);
  return sum;
}

function turned(x: Floats): Floats {
  const [rows = 0, columns = 0] = x.shape;
  const out = makeBlock("float64", [columns, rows]);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out.data[j * rows + i] = x.data[i * columns + j] ?? 0;
  }
  return out;
}

function summed(blocks: Floats[]): Floats {
  const sum = makeBlock("float64", blocks[0]?.shape ?? []);
  for (const { data } of blocks) {
    for (let i = 0; i < data.length; i++) sum.data[i] = (sum.data[i] ?? 0) + (data[i] ?? 0);
  }
  return sum;
}

/** The right part of one block and the left part of the next. */
function shifted(blocks: Floats[]): Floats {
  const out = makeBlock("float64", blocks[0]?.shape ?? []);
  const [rows = 0, columns = 0] = out.shape;
  for (const [k, block] of blocks.entries()) {
    const [from, to] = k === 0 ? [columns / 2, columns] : [0, columns / 2];
    placeBlock(out, sliceBlock(block, [0, from], [rows, to]), [0, k * (columns / 2)]);
  }
  return out;
}

function more(x: Floats): Floats {
  const out = makeBlock("float64", x.shape);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (x.data[i] ?? 0) + 1;
  return out;
}

const pairs: InputMapping = {
  kind: "ranges",
  consumer: [runs],
  producer: [runs],
  starts: [Uint32Array.from(range(runs), (i) => Math.min(i, runs - 2))],
  ends: [Uint32Array.from(range(runs), (i) => Math.min(i, runs - 2) + 2)],
};
const around: InputMapping = { kind: "neighbours", grid: [runs], depth: [1], periodic: [true] };
const along: InputMapping = {
  kind: "contract",
  consumer: [runs],
  producer: [1, runs],
  axes: [null, "all"],
};
const reversed: InputMapping = {
  kind: "grid",
  consumer: [runs, 1],
  producer: [1, runs],
  axes: [1, 0],
};

const patterns: readonly (readonly [string, Expr])[] = [
  ["adds two blocks", typed("add", added, { of: source, by: one }, { of: source, by: another() })],
  ["transposes", typed("transpose", turned, { of: source, by: reversed })],
  ["sums along an axis", typed("sum", summed, { of: source, by: along })],
  ["reads neighbours", typed("halo", summed, { of: source, by: around })],
  ["assembles a block of two", typed("rechunk", shifted, { of: source, by: pairs })],
  ["runs one step on one index", typed("step", more, { of: source, by: one })],
  [
    "runs a fused chain of six steps",
    range(6).reduce((of) => typed("chained", more, { of, by: one }), source),
  ],
];

/** Another block than the one at the same index. */
function another(): InputMapping {
  const targets = Uint32Array.from(range(runs), (i) => (i + 1) % runs);
  return { kind: "csr", offsets: Uint32Array.from(range(runs + 1)), targets };
}

beforeAll(() => on.prepare(source));

test.each(inTurn(patterns))(
  "a task that %s takes no more than was projected, and the projection is tight",
  async (_what, expr) => expectTight(await on.measure(expr, [source], runs), "exact"),
);
