import { test } from "vitest";
import type { StepArgument } from "../../src/backend/program.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { type Block, makeBlock, placeBlock, sliceBlock } from "../../src/chunk/block.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";
import { type Expr, makeExpr } from "../../src/plan/expr.ts";
import { coordinates, gridCount } from "../../src/plan/grid.ts";
import type { Layout, LowerContext, StageDraft } from "../../src/plan/lower-context.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import type { PackedBytes } from "../../src/plan/stage.ts";
import { range } from "../plan/support/range.ts";
import { packedChunks } from "../plan/support/toy.ts";
import { type Place, type ProbeFunction, places, ship } from "./places.ts";

export { range } from "../plan/support/range.ts";

/** A block of float64. */
export type Floats = Block<"float64">;

/** What a function of a task gets after its chunks. */
export interface TaskInfo<Own = unknown> {
  readonly index: number;
  readonly positions: readonly (readonly number[])[];
  readonly own: Own;
  report(statistics: unknown): void;
}

/** Runs `body` where plans can run: as a plain loop, on the simulated backend and on real workers. */
export function probe(name: string, body: (place: Place) => Promise<void>): void {
  test.each(Object.keys(places))(`${name}: %s`, async (where) => {
    await using place = await (places[where] ?? never)();
    await body(place);
  });
}

function never(): never {
  throw new Error("not there");
}

/** An array in blocks, and as a whole to check against. */
export interface Cut {
  readonly expr: Expr;
  readonly whole: Floats;
  readonly grid: readonly number[];
}

/** Whole numbers without a pattern, small enough for exact sums, in blocks of `chunk`. */
export async function cut(shape: readonly number[], chunk: readonly number[]): Promise<Cut> {
  const whole = makeBlock("float64", shape);
  for (let i = 0; i < whole.data.length; i++) whole.data[i] = (i * 7919 + shape.length) % 1009;
  const grid = shape.map((length, axis) => Math.ceil(length / (chunk[axis] ?? 1)));
  const blocks = range(gridCount(grid)).map((i) => {
    const start = coordinates(grid, i).map((at, axis) => at * (chunk[axis] ?? 1));
    const end = start.map((at, axis) => Math.min(shape[axis] ?? 0, at + (chunk[axis] ?? 1)));
    return sliceBlock(whole, start, end);
  });
  return { expr: dataExpr(await packedChunks(blocks)), whole, grid };
}

/** One array of what `blocks`, in a grid of blocks of `chunk`, hold. */
export function joined(
  blocks: readonly unknown[],
  shape: readonly number[],
  chunk: readonly number[],
): Floats {
  const whole = makeBlock("float64", shape);
  const grid = shape.map((length, axis) => Math.ceil(length / (chunk[axis] ?? 1)));
  for (const [i, block] of blocks.entries()) {
    placeBlock(
      whole,
      block as Floats,
      coordinates(grid, i).map((at, axis) => at * (chunk[axis] ?? 1)),
    );
  }
  return whole;
}

function dataExpr(data: PackedBytes): Expr {
  const count = data.offsets.length - 1;
  return operation("data", { params: nameOf(data) }, (context) =>
    context.emit({
      role: "data",
      kind: "data",
      label: "data",
      count,
      slots: [],
      steps: [],
      data,
      layout: count,
    }),
  );
}

/** What an operation is made of besides its lowering. */
export interface OperationParts {
  readonly children?: readonly Expr[];
  readonly functions?: readonly ProbeFunction[];
  readonly params?: unknown;
}

/** An operation: its chunks, or the stage whose manifest it must see first. */
export function operation(
  name: string,
  { children = [], functions = [], params }: OperationParts,
  lower: (context: LowerContext, layouts: readonly Layout[]) => Layout | { readonly wait: Layout },
): Expr {
  return makeExpr({
    operation: {
      name,
      version: 1,
      lower: (expr, context) => {
        const lowered = lower(
          context,
          expr.children.map((child) => context.layout(child)),
        );
        if ("wait" in lowered) return { kind: "wait", stage: lowered.wait.stage };
        return { kind: "layout", layout: lowered };
      },
    },
    params,
    children,
    functions: functions.map(ship),
  });
}

/** A child and how each index reads it. */
export interface Reads {
  readonly of: Expr;
  readonly by: InputMapping;
}

/** A stage that applies `fn` to what each index reads; it also gets the positions of its inputs. */
export function apply(
  name: string,
  fn: ProbeFunction,
  count: number,
  ...reads: readonly Reads[]
): Expr {
  const spec = {
    children: reads.map(({ of }) => of),
    functions: [fn],
    params: [count, reads.map(({ by }) => by)],
  };
  return operation(name, spec, (context, layouts) =>
    context.emit(
      calling(
        name,
        count,
        layouts.map((layout, i) => ({ layout, by: reads[i]?.by ?? one })),
      ),
    ),
  );
}

/** `fn` on each chunk. */
export const one: InputMapping = { kind: "one" };

/** The draft of a map stage that calls the expression's function number `fn`. */
export function calling(
  role: string,
  count: number,
  reads: readonly { readonly layout: Layout; readonly by: InputMapping }[],
  fn = 0,
): StageDraft {
  return {
    role,
    kind: "map",
    label: role,
    count,
    slots: reads.map(({ layout, by }) => ({ stage: layout.stage, mapping: by, positions: true })),
    steps: [
      call(
        fn,
        reads.map((_, input) => ({ input })),
      ),
    ],
    layout: count,
    streams: false,
  };
}

/** The step that calls the expression's function number `fn`. */
export function call(fn: number, args: readonly StepArgument[]): StageDraft["steps"][number] {
  return { operation: "call", functions: [fn], arguments: args };
}

/** The same own data for each of `count` indexes. */
export function ownOf(value: unknown, count: number): PackedBytes {
  const encoded = encodeValue(value);
  const bytes = new Uint8Array(encoded.length * count);
  for (let i = 0; i < count; i++) bytes.set(encoded, i * encoded.length);
  return { offsets: Float64Array.from({ length: count + 1 }, (_, i) => i * encoded.length), bytes };
}

/** Chunks that are plain numbers, whatever they came as. */
export async function numbersOf(chunk: unknown): Promise<number[]> {
  return chunk instanceof Batches ? ((await chunk.toArray()) as number[]) : (chunk as number[]);
}
