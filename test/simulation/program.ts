import type { Kernel } from "../../src/backend/kernel.ts";
import type { Random } from "../../src/base/seeded-random.ts";
import type { InputList } from "../../src/chunk/input-list.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { selfStage } from "../../src/plan/lower-context.ts";
import { kernels } from "../../src/worker/kernels.ts";
import { range } from "../plan/support/range.ts";
import {
  add,
  addIndex,
  exchange,
  gatherRows,
  type Numbers,
  packedChunks,
  scale,
  total,
  toyExpr,
  toyKernels,
  toyMap,
  toySource,
  transpose,
} from "../plan/support/toy.ts";
import type { Faults } from "./faults.ts";

/** What a chunk must be: its numbers, or nothing, because a task that it needs fails. */
export type Expected = Numbers | "fails";

/** An expression, and what it must come to, worked out by loops over numbers. */
export interface Node {
  readonly expr: Expr;
  readonly grid: readonly [number, number];
  readonly chunks: readonly Expected[];
}

/** Faults that happen inside functions, of the world whose tasks run now. */
let current: Faults | undefined;

/** Has the functions of programs fail by the faults of this world. */
export function useFaults(faults: Faults): void {
  current = faults;
}

const sum = (numbers: Numbers): number => numbers.reduce((a, b) => a + b, 0);

const simulationKernels: Readonly<Record<string, Kernel>> = {
  ...toyKernels,
  "toy.flaky": ({ arguments: [chunk], task }) => {
    if (current?.happens("user-error") && current.spend("user", [task.idempotencyKey])) {
      throw new Error("this time it fails");
    }
    return chunk;
  },
  "toy.bad": ({ arguments: [chunk], params, task }) => {
    if ((params as number[]).includes(task.index)) throw new TypeError(`bad index ${task.index}`);
    return chunk;
  },
  "toy.noise": ({ arguments: [chunk] }) => [
    ...(chunk as Numbers),
    current?.stream("noise").below(1000) ?? 0,
  ],
  "toy.graph": async ({ arguments: [own, given], task }) => {
    const parts: Numbers[] = [];
    for (const list of [own, given]) parts.push(...(await (list as InputList<Numbers>).all()));
    return [task.index + sum(parts.flat())];
  },
};

/** Lets this process's workers run the programs of simulations. */
export function installKernels(): void {
  Object.assign(kernels, simulationKernels);
}

/** A random program of up to `stepsMax` operations; the last nodes are the most interesting. */
export async function randomProgram(
  random: Random,
  faults: Faults,
  stepsMax: number,
): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let i = 0; i <= random.below(2); i++) nodes.push(await sourceNode(random));
  const steps = 1 + random.below(stepsMax);
  for (let i = 0; i < steps; i++) {
    const made = randomStep(random, faults, nodes);
    if (made !== undefined && made.chunks.length <= 60) nodes.push(made);
  }
  const [first] = nodes;
  if (faults.has("noise") && first !== undefined) nodes.push(noiseNode(first));
  return nodes;
}

async function sourceNode(random: Random): Promise<Node> {
  const grid = [1 + random.below(6), 1 + random.below(5)] as const;
  const seed = random.below(100);
  const chunks = range(grid[0] * grid[1]).map((i) =>
    range((i + seed) % 4).map((k) => seed + 7 * i + k),
  );
  return { expr: toySource(grid, await packedChunks(chunks)), grid, chunks };
}

type Make = (node: Node, other: Node, random: Random) => Node | undefined;

const operations: readonly Make[] = [
  ({ expr, grid, chunks }) => ({
    expr: scale(expr, 3, 1),
    grid,
    chunks: each(chunks, (chunk) => chunk.map((n) => 3 * n + 1)),
  }),
  ({ expr, grid, chunks }) => ({
    expr: addIndex(expr),
    grid,
    chunks: each(chunks, (chunk, i) => chunk.map((n) => n + 1000 * i)),
  }),
  (a, b) => addNodes(a, b),
  ({ expr, grid: [rows, columns], chunks }) => ({
    expr: transpose(expr),
    grid: [columns, rows],
    chunks: range(rows * columns).map((i) => {
      const chunk = chunks[(i % rows) * columns + Math.floor(i / rows)] ?? "fails";
      return chunk === "fails" ? chunk : chunk.map((n) => -n);
    }),
  }),
  ({ expr, grid: [rows, columns], chunks }) => ({
    expr: gatherRows(expr),
    grid: [rows, 1],
    chunks: range(rows).map((row) => {
      const inputs = allOf(chunks.slice(row * columns, (row + 1) * columns));
      return inputs === "fails" ? inputs : inputs.map(sum);
    }),
  }),
  ({ expr, chunks }) => {
    const inputs = allOf(chunks);
    return {
      expr: total(expr),
      grid: [1, 1],
      chunks: [inputs === "fails" ? inputs : [-sum(inputs.flat())]],
    };
  },
  (node) => exchangeNode(node, 4),
  (node) => exchangeNode(node, 9),
  (node) => (node.chunks.length < 12 ? exchangeNode(node, undefined) : undefined),
  (node, _, random) => graphNode(node, random),
  ({ expr, grid, chunks }) => ({ expr: flaky(expr), grid, chunks }),
];

function randomStep(random: Random, faults: Faults, nodes: readonly Node[]): Node | undefined {
  const recent = (): Node | undefined =>
    nodes[nodes.length - 1 - Math.floor(random.next() ** 2 * nodes.length)];
  const [a, b] = [recent(), recent()];
  if (a === undefined || b === undefined) return undefined;
  if (faults.happens("bad-task")) return badNode(a, random.below(a.chunks.length));
  return operations[random.below(operations.length)]?.(a, b, random);
}

function each(
  chunks: readonly Expected[],
  apply: (chunk: Numbers, index: number) => Numbers,
): Expected[] {
  return chunks.map((chunk, i) => (chunk === "fails" ? chunk : apply(chunk, i)));
}

function allOf(chunks: readonly Expected[]): readonly Numbers[] | "fails" {
  const numbers = chunks.filter((chunk): chunk is Numbers => chunk !== "fails");
  return numbers.length < chunks.length ? "fails" : numbers;
}

function addNodes(a: Node, b: Node): Node | undefined {
  const fits = b.grid.every((size, axis) => size === 1 || size === a.grid[axis]);
  if (!fits) return undefined;
  const [, columns] = a.grid;
  const chunks = each(a.chunks, (chunk) => chunk).map((chunk, i): Expected => {
    const row = b.grid[0] === 1 ? 0 : Math.floor(i / columns);
    const column = b.grid[1] === 1 ? 0 : i % columns;
    const other = b.chunks[row * b.grid[1] + column] ?? "fails";
    if (chunk === "fails" || other === "fails") return "fails";
    return chunk.map((n) => n + sum(other));
  });
  return { expr: add(a.expr, b.expr), grid: a.grid, chunks };
}

function exchangeNode({ expr, chunks }: Node, parts: number | undefined): Node | undefined {
  const inputs = allOf(chunks);
  // Toy chunks are far below the size of a part, so measured bytes always ask for one.
  const count = parts ?? 1;
  const remainder = (n: number): number => ((n % count) + count) % count;
  const exchanged = exchange(expr, parts);
  if (parts === undefined && inputs === "fails") uncounted.add(exchanged);
  return {
    expr: exchanged,
    grid: [count, 1],
    chunks: range(count).map((part) =>
      inputs === "fails" ? inputs : inputs.flat().filter((n) => remainder(n) === part),
    ),
  };
}

/** Exchanges whose count would be chosen by bytes that a failed task never writes: nobody can plan what stands on them. */
const uncounted = new WeakSet<Expr>();

function standsOnUncounted(expr: Expr): boolean {
  return uncounted.has(expr) || expr.children.some(standsOnUncounted);
}

function graphNode(node: Node, random: Random): Node {
  const isPlanned = !standsOnUncounted(node.expr);
  const count = 1 + random.below(12);
  const own: number[][] = [];
  const given: number[][] = [];
  const chunks: Expected[] = [];
  for (let i = 0; i < count; i++) {
    own.push(range(i === 0 ? 0 : random.below(4)).map(() => random.below(i)));
    given.push(range(random.below(3)).map(() => random.below(node.chunks.length)));
    const inputs = allOf([
      ...(own[i] ?? []).map((at) => chunks[at] ?? "fails"),
      ...(given[i] ?? []).map((at) => node.chunks[at] ?? "fails"),
    ]);
    chunks.push(inputs === "fails" || !isPlanned ? "fails" : [i + sum(inputs.flat())]);
  }
  const slots = [csrOf(own), csrOf(given)] as const;
  const expr = toyExpr(
    "graph",
    (context, [child]) =>
      context.emit({
        role: "calls",
        kind: "graph",
        label: "graph",
        count,
        slots: [
          { stage: selfStage, mapping: slots[0] },
          { stage: child?.stage ?? selfStage, mapping: slots[1] },
        ],
        steps: [{ operation: "toy.graph", arguments: [{ input: 0 }, { input: 1 }] }],
        layout: count,
        form: [count, 1],
        streams: false,
      }),
    { params: [own, given], children: [node.expr] },
  );
  return { expr, grid: [count, 1], chunks };
}

function csrOf(lists: readonly (readonly number[])[]): {
  kind: "csr";
  offsets: Uint32Array;
  targets: Uint32Array;
} {
  const offsets = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) offsets[i + 1] = (offsets[i] ?? 0) + list.length;
  return { kind: "csr", offsets, targets: Uint32Array.from(lists.flat()) };
}

const sameGrid = ([grid]: readonly (readonly number[])[]): readonly number[] => grid ?? [];
const one = { kind: "one" } as const;

function flaky(expr: Expr): Expr {
  const made = toyMap("flaky", [expr], { grid: sameGrid, mappings: () => [one] });
  return { ...made, annotations: { retries: 2 } };
}

function badNode({ expr, grid, chunks }: Node, index: number): Node {
  const shape = {
    grid: sameGrid,
    mappings: () => [one],
    params: [index],
    draft: { usesIndex: true },
  };
  return {
    expr: toyMap("bad", [expr], shape),
    grid,
    chunks: chunks.map((chunk, i) => (i === index ? "fails" : chunk)),
  };
}

/** Zero, as long as everybody who reads a noisy chunk reads the same one. */
function noiseNode({ expr, grid }: Node): Node {
  const noise = toyMap("noise", [expr], { grid: () => grid, mappings: () => [one] });
  return {
    expr: add(total(noise), total(scale(noise, -1, 0))),
    grid: [1, 1],
    chunks: [[0]],
  };
}
