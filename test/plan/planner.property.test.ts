import fc from "fast-check";
import { expect, test } from "vitest";
import type { Expr } from "../../src/plan/expr.ts";
import { Executor } from "./support/execute.ts";
import { planOf } from "./support/plan.ts";
import { range } from "./support/range.ts";
import {
  add,
  addIndex,
  exchange,
  gatherRows,
  type Numbers,
  packedChunks,
  scale,
  total,
  toyKernels,
  toySource,
  transpose,
} from "./support/toy.ts";

/** A toy collection as an expression and as what it must come to, worked out without a plan. */
interface Node {
  readonly expr: Expr;
  readonly grid: readonly [number, number];
  readonly chunks: readonly Numbers[];
}

const sum = (numbers: Numbers): number => numbers.reduce((a, b) => a + b, 0);

type Make = (node: Node, other: Node) => Node | undefined;

const operations: Readonly<Record<string, Make>> = {
  scale: ({ expr, grid, chunks }) => ({
    expr: scale(expr, 3, 1),
    grid,
    chunks: chunks.map((chunk) => chunk.map((n) => 3 * n + 1)),
  }),
  index: ({ expr, grid, chunks }) => ({
    expr: addIndex(expr),
    grid,
    chunks: chunks.map((chunk, i) => chunk.map((n) => n + 1000 * i)),
  }),
  add: (a, b) => {
    const fits = b.grid.every((size, axis) => size === 1 || size === a.grid[axis]);
    if (!fits) return undefined;
    const [, columns] = a.grid;
    const chunks = a.chunks.map((chunk, i) => {
      const row = b.grid[0] === 1 ? 0 : Math.floor(i / columns);
      const column = b.grid[1] === 1 ? 0 : i % columns;
      const other = sum(b.chunks[row * b.grid[1] + column] ?? []);
      return chunk.map((n) => n + other);
    });
    return { expr: add(a.expr, b.expr), grid: a.grid, chunks };
  },
  transpose: ({ expr, grid: [rows, columns], chunks }) => ({
    expr: transpose(expr),
    grid: [columns, rows],
    chunks: range(rows * columns).map((i) =>
      (chunks[(i % rows) * columns + Math.floor(i / rows)] ?? []).map((n) => -n),
    ),
  }),
  rows: ({ expr, grid: [rows, columns], chunks }) => ({
    expr: gatherRows(expr),
    grid: [rows, 1],
    chunks: range(rows).map((row) => chunks.slice(row * columns, (row + 1) * columns).map(sum)),
  }),
  total: ({ expr, chunks }) => ({
    expr: total(expr),
    grid: [1, 1],
    chunks: [[-sum(chunks.flat())]],
  }),
  exchange: ({ expr, chunks }) => exchanged(exchange(expr, 5), chunks, 5),
  wide: ({ expr, chunks }) => exchanged(exchange(expr, 11), chunks, 11),
};

function exchanged(expr: Expr, chunks: readonly Numbers[], parts: number): Node {
  const all = chunks.flat();
  const remainder = (n: number): number => ((n % parts) + parts) % parts;
  return {
    expr,
    grid: [parts, 1],
    chunks: range(parts).map((part) => all.filter((n) => remainder(n) === part)),
  };
}

const steps = fc.array(
  fc.record({ name: fc.constantFrom(...Object.keys(operations)), a: fc.nat(), b: fc.nat() }),
  { minLength: 1, maxLength: 12 },
);
const sources = fc.array(
  fc.record({
    rows: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(99),
  }),
  { minLength: 1, maxLength: 3 },
);

async function build(
  given: readonly { rows: number; columns: number; seed: number }[],
  made: readonly { name: string; a: number; b: number }[],
): Promise<Node[]> {
  const nodes: Node[] = [];
  for (const { rows, columns, seed } of given) {
    const chunks = range(rows * columns).map((i) =>
      range((i + seed) % 4).map((k) => seed + 7 * i + k),
    );
    const expr = toySource([rows, columns], await packedChunks(chunks));
    nodes.push({ expr, grid: [rows, columns], chunks });
  }
  for (const { name, a, b } of made) {
    const [one, other] = [nodes[a % nodes.length], nodes[b % nodes.length]];
    const node = one && other ? operations[name]?.(one, other) : undefined;
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

test("a plan of any expressions, fused or not, computes what they say", async () => {
  await fc.assert(
    fc.asyncProperty(sources, steps, fc.nat(), async (given, made, pick) => {
      const nodes = await build(given, made);
      const targets = [nodes.at(-1), nodes[pick % nodes.length]].flatMap((node) => node ?? []);
      const expected = targets.map((node) => node.chunks);
      const common = { reduceFanIn: 3, directPartsMax: 6 };
      for (const options of [
        common,
        { ...common, fuseStepsMax: 1 },
        { ...common, fuseInputsMax: 2 },
      ]) {
        const plan = planOf(
          targets.map((node) => node.expr),
          { options },
        );
        const { values } = await new Executor(toyKernels).run(plan);
        expect(values).toEqual(expected);
      }
    }),
    { numRuns: 150 },
  );
});

test("some chunks first and then all: the same names, and nothing runs twice", async () => {
  await fc.assert(
    fc.asyncProperty(sources, steps, fc.nat(), async (given, made, pick) => {
      const node = (await build(given, made)).at(-1);
      if (node === undefined) return;
      const index = pick % node.chunks.length;
      const chunks = new Map<string, Uint8Array>();
      const some = planOf([
        { expr: node.expr, indexes: { kind: "range", start: index, end: index + 1 } },
      ]);
      const first = await new Executor(toyKernels, chunks).run(some);
      expect(first.values).toEqual([[node.chunks[index]]]);
      const all = await new Executor(toyKernels, chunks).run(planOf([node.expr]));
      expect(all.values).toEqual([node.chunks]);
      expect(all.ran.filter((task) => first.ran.includes(task))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
