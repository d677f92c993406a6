import { describe, expect, test } from "vitest";
import type { UserFunction } from "../../src/backend/kernel.ts";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { Layout, LowerContext, StageDraft } from "../../src/plan/lower-context.ts";
import type { PackedBytes, Stage } from "../../src/plan/stage.ts";
import { Executor } from "./support/execute.ts";
import { planOf } from "./support/plan.ts";
import { range } from "./support/range.ts";
import { add, packedChunks, scale, toyExpr, toyKernels, toyMap, toySource } from "./support/toy.ts";

const source = async (rows: number, columns: number): Promise<Expr> =>
  toySource([rows, columns], await packedChunks(range(rows * columns).map((i) => [i + 1])));

/** A function as data, for a linker that knows it by name. */
function shipped(name: string): ShippedFunction {
  const id = nameOf(name);
  return {
    id,
    name,
    definedAt: "",
    graph: new Uint8Array(),
    modules: [],
    blobs: [],
    capturedBytes: 0,
  };
}

const functions: Readonly<Record<string, UserFunction>> = {
  double: (numbers) => (numbers as number[]).map((n) => 2 * n),
  increment: (numbers) => (numbers as number[]).map((n) => n + 1),
  square: (numbers) => (numbers as number[]).map((n) => n * n),
  plusOwn: (numbers, info) => (numbers as number[]).map((n) => n + (info as { own: number }).own),
};

/** A stage that calls the expression's functions one after another. */
function calls(child: Expr, names: readonly string[], draft: Partial<StageDraft> = {}): Expr {
  return toyExpr("calls", (context, [input]) => emitCalls(context, input, names, draft), {
    children: [child],
    functions: names.map(shipped),
  });
}

function emitCalls(
  context: LowerContext,
  input: Layout | undefined,
  names: readonly string[],
  draft: Partial<StageDraft>,
): Layout {
  if (input === undefined) throw new Error("no child");
  return context.emit({
    role: "map",
    kind: "map",
    label: names.join("+"),
    count: input.count,
    slots: [{ stage: input.stage, mapping: { kind: "one" } }],
    steps: names.map((_, i) => ({
      operation: "call",
      functions: [i],
      arguments: [i === 0 ? { input: 0 } : { step: i - 1 }],
    })),
    layout: undefined,
    ...draft,
  });
}

const link = ({ name }: ShippedFunction): UserFunction => functions[name] ?? (() => undefined);

test("fused steps keep their functions, each function once", async () => {
  const chain = calls(calls(calls(await source(1, 3), ["double", "increment"]), ["square"]), [
    "increment",
    "double",
  ]);
  const plan = planOf([chain]);
  const whole = plan.first.stages.at(-1);
  expect(whole?.program.functions.map((f) => f.name)).toEqual(["double", "increment", "square"]);
  const { values } = await new Executor({}, new Map(), link).run(plan);
  expect(values).toEqual([[1, 2, 3].map((n) => [2 * ((2 * n + 1) ** 2 + 1)])]);
});

test("a fused producer keeps its own data, and two with data of their own stay apart", async () => {
  const own = (values: readonly number[]): PackedBytes => {
    const encoded = values.map((value) => encodeValue(value));
    const offsets = new Float64Array(values.length + 1);
    for (const [i, bytes] of encoded.entries()) offsets[i + 1] = (offsets[i] ?? 0) + bytes.length;
    return { offsets, bytes: Buffer.concat(encoded) };
  };
  const first = calls(await source(1, 3), ["plusOwn"], { own: own([100, 200, 300]) });
  const fused = planOf([calls(first, ["double"])]);
  expect(fused.first.stages).toHaveLength(2);
  const { values } = await new Executor({}, new Map(), link).run(fused);
  expect(values).toEqual([[[202], [404], [606]]]);

  const apart = planOf([calls(first, ["plusOwn"], { own: own([1, 2, 3]) })]);
  expect(apart.refusals.map(({ reason }) => reason)).toEqual([
    "both have data of their own for each index",
  ]);
  const ran = await new Executor({}, new Map(), link).run(apart);
  expect(ran.values).toEqual([[[102], [204], [306]]]);
});

test("a producer that is read straight and turned at once stays apart", async () => {
  const producer = scale(await source(2, 2), 10, 0);
  const both = toyMap("add", [producer, producer], {
    grid: () => [2, 2],
    mappings: () => [
      { kind: "one" },
      { kind: "grid", consumer: [2, 2], producer: [2, 2], axes: [1, 0] },
    ],
  });
  const plan = planOf([both]);
  expect(plan.refusals.map(({ reason }) => reason)).toEqual(["it is read in two orders at once"]);
  const { values } = await new Executor(toyKernels).run(plan);
  expect(values).toEqual([[[10 + 10], [20 + 30], [30 + 20], [40 + 40]]]);
});

test("two steps read one input only if it cannot be a stream", async () => {
  for (const streams of [false, true]) {
    const shared = scale(await source(1, 2), 10, 0, { streams });
    const plan = planOf([shared, add(scale(shared, 2, 0), scale(shared, 3, 0))]);
    const whole = plan.first.stages.at(-1);
    expect(whole?.fused).toHaveLength(3);
    expect(whole?.slots).toHaveLength(streams ? 2 : 1);
    const { values } = await new Executor(toyKernels).run(plan);
    expect(values[1]).toEqual([[20 + 30], [40 + 60]]);
  }
});

describe("what a waiting expression will read is not fused away", () => {
  const ids = (stages: readonly Stage[]): number[] => stages.map((stage) => stage.id);

  test("its children", async () => {
    const child = scale(await source(1, 2), 10, 0);
    const other = scale(await source(1, 3), 5, 0);
    const waiting = toyExpr(
      "waits",
      (context, [first, second]) => {
        if (first === undefined || second === undefined) throw new Error("no child");
        return context.manifest(second.stage) === undefined ? { wait: second } : first;
      },
      { children: [child, other] },
    );
    const plan = planOf([scale(child, 3, 0), waiting]);
    expect(plan.first.stages.map((stage) => stage.fused.at(-1))).toContain("scale");
    expect(plan.first.stages.filter((stage) => stage.fused.length > 1)).toEqual([]);
    const { values, ran } = await new Executor(toyKernels).run(plan);
    expect(values).toEqual([
      [[30], [60]],
      [[10], [20]],
    ]);
    expect(ran).toHaveLength(2 + 2 + 3);
    expect(new Set(plan.fragments.flatMap(({ stages }) => ids(stages))).size).toBe(
      plan.fragments.flatMap(({ stages }) => stages).length,
    );
  });

  test("the stages it drafted itself", async () => {
    const expr = toyExpr(
      "waits",
      (context, [input]) => {
        const first = emitCalls(context, input, ["double"], { role: "first" });
        const second = emitCalls(context, first, ["double"], { role: "second" });
        return context.manifest(second.stage) === undefined
          ? { wait: second }
          : emitCalls(context, first, ["double"], { role: "third" });
      },
      { children: [await source(1, 2)], functions: [shipped("double")] },
    );
    const plan = planOf([expr]);
    expect(plan.first.stages.map((stage) => stage.fused)).toEqual([
      ["data"],
      ["double"],
      ["double"],
    ]);
    const { values, ran } = await new Executor({}, new Map(), link).run(plan);
    expect(values).toEqual([[[4], [8]]]);
    expect(ran).toHaveLength(6);
    const sent = plan.fragments.flatMap(({ stages }) => ids(stages));
    expect(new Set(sent).size).toBe(sent.length);
  });
});
