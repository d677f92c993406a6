import { expect, test } from "vitest";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { LambdaskError } from "../../src/base/errors.ts";
import { makeStageId } from "../../src/base/ids.ts";
import { type Expr, makeExpr, mergeAnnotations, type Operation } from "../../src/plan/expr.ts";
import { allIndexes } from "../../src/plan/index-set.ts";
import { simplify } from "../../src/plan/simplify.ts";
import { Executor } from "./support/execute.ts";
import { planOf } from "./support/plan.ts";
import { range } from "./support/range.ts";
import {
  add,
  addIndex,
  exchange,
  packedChunks,
  scale,
  total,
  toyExpr,
  toyKernels,
  toySource,
  transpose,
} from "./support/toy.ts";

const source = async (rows = 2, columns = 3): Promise<Expr> =>
  toySource([rows, columns], await packedChunks(range(rows * columns).map((i) => [i])));

test("equal work has an equal name, however it was made", async () => {
  const a = scale(await source(), 2, 1);
  const b = scale(await source(), 2, 1);
  expect(a.name).toBe(b.name);
  expect(scale(await source(), 2, 2).name).not.toBe(a.name);
  expect(scale(scale(await source(), 2, 1), 2, 1).name).not.toBe(a.name);
});

test("an expression's name depends on its functions and on their order", () => {
  const named = (...ids: string[]): string => {
    const functions = ids.map((id) => ({ id: nameOf(id), name: "f" }) as ShippedFunction); // All that names ask.
    return toyExpr("calls", never, { functions }).name;
  };
  expect(named("a", "b")).toBe(named("a", "b"));
  expect(new Set([named("a"), named("b"), named("a", "b"), named("b", "a")]).size).toBe(4);
});

function never(): never {
  throw new Error("not lowered here");
}

test("a nonce makes work equal to no other, in name and in the store", async () => {
  const child = await source();
  const impure = (nonce: string): Expr =>
    toyExpr(
      "chance",
      (context, layouts) => {
        const [layout] = layouts;
        if (layout === undefined) throw new Error("no child");
        return context.emit({
          role: "map",
          kind: "map",
          label: "chance",
          count: layout.count,
          slots: [{ stage: layout.stage, mapping: { kind: "one" } }],
          steps: [{ operation: "toy.scale", arguments: [{ input: 0 }], params: { by: 1, add: 0 } }],
          layout: undefined,
        });
      },
      { children: [child], nonce },
    );
  expect(impure("1").name).not.toBe(impure("2").name);
  const nameIn = (runNonce: string): unknown =>
    planOf([impure("1")], { runNonce }).first.stages.at(-1)?.name;
  expect(nameIn("a")).toBe(nameIn("a"));
  expect(nameIn("a")).not.toBe(nameIn("b"));
  const stage = planOf([impure("1")]).first.stages.at(-1);
  expect(stage?.options.nonce).not.toBe("");
});

test("a chain becomes one stage under the last one's name", async () => {
  const data = await source();
  const chain = scale(scale(scale(data, 2, 0), 3, 0), 5, 0);
  const fused = planOf([chain]).first.stages;
  const apart = planOf([chain], { options: { fuseStepsMax: 1 } }).first.stages;
  expect(fused.map((stage) => stage.fused)).toEqual([["data"], ["scale", "scale", "scale"]]);
  expect(apart).toHaveLength(4);
  expect(fused.at(-1)?.name).toBe(apart.at(-1)?.name);
});

test("a shared subtree runs once, for two targets and for two readers", async () => {
  const shared = scale(await source(), 2, 0);
  const plan = planOf([scale(shared, 3, 0), scale(shared, 5, 0), shared]);
  const { values, ran } = await new Executor(toyKernels).run(plan);
  expect(values).toEqual([6, 10, 2].map((by) => range(6).map((i) => [by * i])));
  expect(ran).toHaveLength(18);
});

test("a diamond is taken into one task, and its source is read once", async () => {
  const shared = scale(await source(), 2, 0);
  const plan = planOf([add(scale(shared, 3, 0), scale(shared, 5, 0))]);
  const [, whole, ...rest] = plan.first.stages;
  expect(rest).toEqual([]);
  expect(whole?.slots).toHaveLength(1);
  const { values } = await new Executor(toyKernels).run(plan);
  expect(values).toEqual([range(6).map((i) => [6 * i + 10 * i])]);
});

test("what depends on its index is not moved over a transposing read, and other work is", async () => {
  const data = await source();
  expect(planOf([transpose(scale(data, 2, 0))]).first.stages).toHaveLength(2);
  const kept = planOf([transpose(addIndex(data))]);
  expect(kept.first.stages).toHaveLength(3);
  expect(kept.refusals.map((refusal) => refusal.reason)).toEqual(["it depends on its own index"]);
});

test("a stage that could be a stream is not read twice in one task", async () => {
  const streaming = scale(await source(), 2, 0, { streams: true });
  const plan = planOf([add(streaming, streaming)]);
  expect(plan.refusals.map((refusal) => refusal.reason)).toEqual([
    "its output is a stream, and is read twice",
  ]);
});

test("several inputs are fused up to the limits, and explain says which was reached", async () => {
  const inputs = await Promise.all(range(6).map((i) => source(1, i + 1)));
  const sums = inputs.map((expr) => total(expr)).reduce((a, b) => add(a, b));
  const plan = planOf([sums], { options: { fuseSourcesMax: 3 } });
  expect(plan.refusals.map((refusal) => refusal.reason)).toContain(
    "together they read 4 stages, more than 3",
  );
  const { values } = await new Executor(toyKernels).run(plan);
  expect(values).toEqual([[[-(0 + 1 + 3 + 6 + 10 + 15)]]]);
});

test("annotations of fused work: most retries, highest priority, most memory, times one after another", () => {
  expect(
    mergeAnnotations(
      { retries: 1, priority: -2, timeoutMs: 100 },
      { retries: 3, memoryBytes: 7, timeoutMs: 50 },
    ),
  ).toEqual({ retries: 3, priority: -2, memoryBytes: 7, timeoutMs: 150 });
});

test("equal work asked for twice runs once, with the most that either was annotated with", async () => {
  const work = scale(await source(), 2, 0);
  const again = { ...work, annotations: { retries: 2, timeoutMs: 50 } };
  const third = { ...work, annotations: { retries: 1, timeoutMs: 70, priority: 4 } };
  const plan = planOf([scale(work, 3, 0), again, third]);
  const stage = plan.first.stages.find(({ id }) => id === plan.first.targets[1]?.stage);
  expect(stage?.options).toMatchObject({ retries: 2, timeoutMs: 70, priority: 4 });
  expect(plan.first.stages).toHaveLength(3);
});

test("a stage that the driver has is not planned again, nor what only it needs", async () => {
  const shared = scale(await source(), 2, 0);
  const name = planOf([shared]).first.stages.at(-1)?.name;
  const live = makeStageId(77);
  const plan = planOf([scale(shared, 3, 0)], {
    stageNamed: (asked) => (asked === name ? live : undefined),
  });
  expect(plan.first.stages.map((stage) => stage.label)).toEqual(["scale"]);
  expect(plan.first.stages[0]?.slots[0]?.stage).toBe(live);
});

test("what waits for measured sizes is planned when they are there, once", async () => {
  const data = toySource(
    [4, 1],
    await packedChunks(range(4).map((i) => range(100).map((k) => 100 * i + k))),
  );
  const measured = scale(data, 1, 0);
  const plan = planOf([exchange(measured), measured], { options: { partBytes: 500 } });
  expect(plan.first.targets.map((target) => target.position)).toEqual([1]);
  expect(plan.first.watched).toEqual([plan.first.targets[0]?.stage]);
  expect(plan.waiting().map((expr) => expr.operation.name)).toEqual(["toy.exchange"]);
  const executor = new Executor(toyKernels);
  const { values, stages, ran } = await executor.run(plan);
  const parts = values[0]?.length ?? 0;
  // 400 numbers below 400 take two to three bytes each, and each chunk a few dozen besides.
  expect(parts).toBeGreaterThanOrEqual(2);
  expect(parts).toBeLessThanOrEqual(4);
  expect(values[0]).toEqual(range(parts).map((p) => range(400).filter((n) => n % parts === p)));
  expect(stages.filter((stage) => stage.label === "scale")).toHaveLength(1);
  expect(ran).toHaveLength(4 + 4 + parts);
  expect(plan.waiting()).toEqual([]);
});

test("wanted indexes are cut to the chunks that there are", async () => {
  const expr = scale(await source(), 2, 0);
  const plan = planOf([
    { expr, indexes: { kind: "range", start: 4, end: 9 } },
    { expr, indexes: allIndexes },
  ]);
  expect(plan.first.targets.map((target) => target.indexes)).toEqual([
    { kind: "range", start: 4, end: 6 },
    { kind: "all" },
  ]);
});

test("a target asks for its chunks to be stored, others not", async () => {
  const expr = scale(scale(await source(), 2, 0), 3, 0);
  const plan = planOf([{ expr, indexes: allIndexes, store: true }]);
  expect(plan.first.stages.map((stage) => stage.options.store)).toEqual([false, true]);
});

test("a chain of 10,000 links is planned, in tasks of a bounded number of steps", async () => {
  let expr = await source(1, 1);
  for (let i = 0; i < 10_000; i++) expr = scale(expr, 1, 1);
  const plan = planOf([expr]);
  expect(Math.max(...plan.first.stages.map((stage) => stage.program.steps.length))).toBe(100);
  const { values } = await new Executor(toyKernels).run(plan);
  expect(values).toEqual([[[10_000]]]);
});

/** Rewrites `from` to `to` in one step. */
function rewriting(pairs: Readonly<Record<string, string>>): (name: string, child?: Expr) => Expr {
  const make = (name: string, child?: Expr): Expr => {
    const operation: Operation = {
      name,
      version: 1,
      simplify: (expr) => {
        const to = pairs[expr.operation.name];
        return to === undefined ? expr : make(to, expr.children[0]);
      },
      lower: () => {
        throw new Error("not lowered here");
      },
    };
    return makeExpr({ operation, params: undefined, children: child === undefined ? [] : [child] });
  };
  return make;
}

test("rewrites go on until nothing changes, below and above", () => {
  const make = rewriting({ a: "b", b: "c", x: "y" });
  const [simple] = simplify([make("x", make("a"))], 10);
  expect(simple?.name).toBe(make("y", make("c")).name);
});

test("rewrites that undo each other end with an error", () => {
  const make = rewriting({ a: "b", b: "a" });
  expect(() => simplify([make("a")], 10)).toThrow(LambdaskError);
  expect(() => simplify([make("a")], 10)).toThrow(/still changes after 10 rewrite passes/);
});
