import type { Kernel } from "../../../src/backend/kernel.ts";
import { encodeChunk } from "../../../src/chunk/codec.ts";
import type { InputList } from "../../../src/chunk/input-list.ts";
import { Partitioned } from "../../../src/chunk/partitioned.ts";
import { chooseParts, emitExchange, stepsOver } from "../../../src/plan/exchange.ts";
import { type Expr, type ExprSpec, makeExpr, type Operation } from "../../../src/plan/expr.ts";
import { gridCount } from "../../../src/plan/grid.ts";
import type { Layout, LowerContext, StageDraft } from "../../../src/plan/lower-context.ts";
import type { InputMapping } from "../../../src/plan/mapping.ts";
import { emitReduceTree } from "../../../src/plan/reduce-tree.ts";
import type { PackedBytes } from "../../../src/plan/stage.ts";

/** A toy collection: a grid of chunks, each a list of numbers. */
export type Numbers = readonly number[];

const sum = (numbers: Numbers): number => numbers.reduce((total, n) => total + n, 0);

/** Kernels of the toy operations. They never change their arguments. */
export const toyKernels: Readonly<Record<string, Kernel>> = {
  "toy.scale": ({ arguments: [chunk], params }) => {
    const { by, add } = params as { by: number; add: number };
    return (chunk as Numbers).map((n) => n * by + add);
  },
  "toy.index": ({ arguments: [chunk], task }) =>
    (chunk as Numbers).map((n) => n + 1000 * task.index),
  "toy.add": ({ arguments: [a, b] }) => {
    const other = sum(b as Numbers);
    return (a as Numbers).map((n) => n + other);
  },
  "toy.gather": async ({ arguments: [list] }) =>
    (await (list as InputList<Numbers>).all()).map(sum),
  "toy.total": async ({ arguments: [list] }) => [
    sum((await (list as InputList<Numbers>).all()).map(sum)),
  ],
  "toy.negate": ({ arguments: [chunk] }) => (chunk as Numbers).map((n) => -n),
  "toy.split": ({ arguments: [chunk], params }) => {
    const { parts } = params as { parts: number };
    const pieces: number[][] = Array.from({ length: parts }, () => []);
    for (const n of chunk as Numbers) pieces[((n % parts) + parts) % parts]?.push(n);
    return new Partitioned(parts, pieces);
  },
  "toy.join": async ({ arguments: [list] }) => (await (list as InputList<Numbers>).all()).flat(),
};

/** Chunks as a data stage holds them. */
export async function packedChunks(chunks: readonly unknown[]): Promise<PackedBytes> {
  const encoded: Uint8Array[] = [];
  for (const chunk of chunks) {
    const bytes = await encodeChunk(chunk, { wholeBytesMax: Number.POSITIVE_INFINITY });
    if (bytes.kind === "whole") encoded.push(bytes.bytes);
  }
  const offsets = new Float64Array(encoded.length + 1);
  for (const [i, bytes] of encoded.entries()) offsets[i + 1] = (offsets[i] ?? 0) + bytes.length;
  return { offsets, bytes: Buffer.concat(encoded) };
}

/** An expression of a toy operation, which is no more than a name and how it is lowered. */
export function toyExpr(
  name: string,
  lower: (context: LowerContext, children: readonly Layout[]) => Layout | { wait: Layout },
  spec: Partial<ExprSpec<unknown>> = {},
): Expr {
  const operation: Operation = {
    name: `toy.${name}`,
    version: 1,
    lower: (expr, context) => {
      const lowered = lower(
        context,
        expr.children.map((child) => context.layout(child)),
      );
      if ("wait" in lowered) return { kind: "wait", stage: lowered.wait.stage };
      return { kind: "layout", layout: lowered };
    },
  };
  return makeExpr({ operation, params: undefined, ...spec });
}

/** A grid of given chunks. */
export function toySource(grid: readonly number[], data: PackedBytes): Expr {
  return toyExpr(
    "source",
    (context) =>
      context.emit({
        role: "data",
        kind: "data",
        label: "data",
        count: gridCount(grid),
        slots: [],
        steps: [],
        data,
        layout: grid,
        form: grid,
        streams: false,
      }),
    { params: [grid, data] },
  );
}

/** A map stage that reads each child through its mapping. */
export function toyMap(
  operation: string,
  children: readonly Expr[],
  shape: {
    readonly grid: (grids: readonly (readonly number[])[]) => readonly number[];
    readonly mappings: (grids: readonly (readonly number[])[]) => readonly InputMapping[];
    readonly params?: unknown;
    readonly draft?: Partial<StageDraft>;
  },
): Expr {
  return toyExpr(
    operation,
    (context, layouts) => {
      const grids = layouts.map((layout) => layout.form as readonly number[]);
      const grid = shape.grid(grids);
      return context.emit({
        role: "map",
        kind: "map",
        label: operation,
        count: gridCount(grid),
        slots: shape
          .mappings(grids)
          .map((mapping, i) => ({ stage: layouts[i]?.stage ?? never(), mapping })),
        steps: [
          {
            operation: `toy.${operation}`,
            arguments: layouts.map((_, input) => ({ input })),
            params: shape.params,
          },
        ],
        layout: grid,
        form: grid,
        usesIndex: operation === "index",
        streams: false,
        ...shape.draft,
      });
    },
    { params: shape.params, children },
  );
}

function never(): never {
  throw new Error("a mapping without a child");
}

const sameGrid = ([grid]: readonly (readonly number[])[]): readonly number[] => grid ?? [];
const one: InputMapping = { kind: "one" };

/** Each number times `by` plus `add`. */
export function scale(child: Expr, by: number, add: number, draft: Partial<StageDraft> = {}): Expr {
  return toyMap("scale", [child], {
    grid: sameGrid,
    mappings: () => [one],
    params: { by, add },
    draft,
  });
}

/** Each number of chunk i plus 1000·i. */
export function addIndex(child: Expr): Expr {
  return toyMap("index", [child], { grid: sameGrid, mappings: () => [one] });
}

/** Each number of a chunk plus the sum of the other's chunk; axes of length 1 of the other are broadcast. */
export function add(a: Expr, b: Expr): Expr {
  return toyMap("add", [a, b], {
    grid: sameGrid,
    mappings: ([consumer = [], producer = []]) => [
      one,
      { kind: "grid", consumer, producer, axes: producer.map((_, axis) => axis) },
    ],
  });
}

/** The grid with its two axes changed over. */
export function transpose(child: Expr): Expr {
  return toyMap("negate", [child], {
    grid: ([grid = []]) => [...grid].reverse(),
    mappings: ([grid = []]) => [
      { kind: "grid", consumer: [...grid].reverse(), producer: grid, axes: [1, 0] },
    ],
  });
}

/** Sums of each chunk of a row: one chunk per row. */
export function gatherRows(child: Expr): Expr {
  return toyMap("gather", [child], {
    grid: ([grid = []]) => [grid[0] ?? 1, 1],
    mappings: ([grid = []]) => [
      { kind: "contract", consumer: [grid[0] ?? 1, 1], producer: grid, axes: [0, "all"] },
    ],
  });
}

/** The sum of all numbers, in one chunk. */
export function total(child: Expr): Expr {
  return toyExpr(
    "total",
    (context, [input = never()]) => {
      const layout = emitReduceTree(context, {
        input,
        label: "total",
        large: false,
        combine: { operation: "toy.total" },
        finish: { operation: "toy.negate" },
      });
      return { ...layout, form: [1, 1] };
    },
    { children: [child] },
  );
}

/** All numbers by their remainder: part p has those that leave p. `parts` left out: from measured bytes. */
export function exchange(child: Expr, parts?: number): Expr {
  return toyExpr(
    "exchange",
    (context, [input = never()]) => {
      const manifest = context.manifest(input.stage);
      if (parts === undefined && manifest === undefined) return { wait: input };
      const chosen = parts ?? chooseParts(manifest ? [manifest] : [], context.options);
      const written = emitExchange(context, {
        role: "split",
        label: "split",
        count: input.count,
        slots: [{ stage: input.stage, mapping: one }],
        steps: [{ operation: "toy.split", arguments: [{ input: 0 }], params: { parts: chosen } }],
        parts: chosen,
        layout: undefined,
      });
      const layout = context.emit({
        role: "join",
        kind: "map",
        label: "join",
        count: chosen,
        slots: [written.slot],
        steps: stepsOver([written], (pieces) => [{ operation: "toy.join", arguments: pieces }]),
        layout: chosen,
        streams: false,
      });
      return { ...layout, form: [chosen, 1] };
    },
    { params: parts, children: [child] },
  );
}
