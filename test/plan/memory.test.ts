import { describe, expect, test } from "vitest";
import { isLambdaskError, type LambdaskError } from "../../src/base/errors.ts";
import { type Annotations, type Expr, makeExpr, type Operation } from "../../src/plan/expr.ts";
import type { MemoryStatement } from "../../src/plan/lower-context.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import type { MemoryProjection } from "../../src/plan/stage.ts";
import { planOf } from "./support/plan.ts";

const mib = 2 ** 20;
const limits = { workerMemoryBytes: 1000 * mib, reservedMemoryBytes: 100 * mib };

interface ToyStage {
  readonly memory?: MemoryStatement;
  readonly chunkBytes?: number;
  readonly annotations?: Annotations;
  /** How each child is read; left out: one to one. */
  readonly mappings?: readonly InputMapping[];
  readonly count?: number;
}

let made = 0;

/** An expression of one stage about which nothing matters but its memory. */
function stage(children: readonly Expr[], toy: ToyStage): Expr {
  const { memory, chunkBytes, annotations = {}, mappings = [], count = 4 } = toy;
  const operation: Operation = {
    name: `toy.${made++}`,
    version: 1,
    lower: (expr, context) => {
      const slots = expr.children.map((child, i) => ({
        stage: context.layout(child).stage,
        mapping: mappings[i] ?? ({ kind: "one" } as const),
      }));
      const layout = context.emit({
        role: "only",
        kind: "map",
        label: "work",
        count,
        slots,
        steps: [{ operation: "none", arguments: slots.map((_, input) => ({ input })) }],
        layout: undefined,
        streams: false,
        ...(memory === undefined ? {} : { memory }),
        ...(chunkBytes === undefined ? {} : { chunkBytes }),
      });
      return { kind: "layout", layout };
    },
  };
  return makeExpr({ operation, params: undefined, children, annotations });
}

const exact = (operation: number, output: number): MemoryStatement => ({
  class: "exact",
  operation: operation * mib,
  output: output * mib,
});

const reader = (chunkMib: number): Expr =>
  stage([], { memory: exact(0, chunkMib), chunkBytes: chunkMib * mib });

/** Projections of the stages in MiB; nothing is fused. */
function projected(expr: Expr, fuseStepsMax = 1): MemoryProjection[] {
  const { stages } = planOf([expr], { limits, options: { fuseStepsMax } }).first;
  return stages.map(({ memory }) => ({
    ...memory,
    reserved: memory.reserved / mib,
    inputs: memory.inputs.map((bytes) => bytes / mib),
    operation: memory.operation / mib,
    output: memory.output / mib,
    total: memory.total / mib,
  }));
}

function refusalOf(expr: Expr): LambdaskError {
  try {
    planOf([expr], { limits, options: { fuseStepsMax: 1 } });
  } catch (error) {
    if (isLambdaskError(error, "OUT_OF_MEMORY")) return error;
    throw error;
  }
  throw new Error("the plan was not refused");
}

describe("the projected peak of one task", () => {
  test("is reserved + inputs and their copies + operation + output and its copy", () => {
    const [, memory] = projected(
      stage([reader(40)], { memory: exact(7, 12), chunkBytes: 12 * mib }),
    );
    // 100 + 1.25·40 + 7 + 1.25·12
    expect(memory).toEqual({
      class: "exact",
      reserved: 100,
      inputs: [50],
      operation: 7,
      output: 15,
      total: 172,
    });
  });

  test("counts every chunk that a mapping reads at once, unless the operation says what it holds", () => {
    const matmul: InputMapping = {
      kind: "contract",
      consumer: [2, 2],
      producer: [2, 2],
      axes: [0, "all"],
    };
    const whole = stage([reader(40)], { mappings: [matmul], memory: exact(0, 0) });
    expect(projected(whole)[1]?.inputs).toEqual([100]);
    const folding = { ...exact(0, 0), inputs: [40 * mib] };
    expect(
      projected(stage([reader(40)], { mappings: [matmul], memory: folding }))[1]?.inputs,
    ).toEqual([50]);
  });

  test("of a fused chain has no intermediate that is no longer read", () => {
    const second = stage([reader(10)], { memory: exact(3, 20) });
    const third = stage([second], { memory: exact(5, 30) });
    const chain = stage([third], { memory: exact(7, 8) });
    const [memory, ...rest] = projected(chain, 100);
    expect(rest).toEqual([]);
    // Reader: result 10. Second: 10 alive + 3 + result 20. Third: 20 alive + 10 let go of + 5 + result 30. Last: 30
    // alive + 20 let go of + 7. Its output: 1.25·8.
    expect(memory).toMatchObject({ inputs: [], operation: 65, output: 10, total: 175 });
  });

  test("of an input that two fused steps read counts it once, as the one that holds more of it", () => {
    const input = reader(40);
    const holding = (mebibytes: number): Expr =>
      stage([input], { memory: { ...exact(0, 0), inputs: [mebibytes * mib] } });
    const both = stage([holding(4), holding(16)], { memory: exact(0, 0) });
    const plan = planOf([both, input], { limits });
    expect(plan.first.stages.at(-1)?.memory.inputs.map((bytes) => bytes / mib)).toEqual([20]);
  });

  test("is a worker's whole memory where functions of unknown need declare nothing", () => {
    const unknown = { class: "declared", operation: 0, output: 0 } as const;
    const [, memory] = projected(stage([reader(30)], { memory: unknown }));
    expect(memory).toMatchObject({ class: "declared", total: 1000 });
    const [, declared] = projected(
      stage([reader(30)], { memory: unknown, annotations: { memoryBytes: 250 * mib } }),
    );
    expect(declared).toMatchObject({ class: "declared", inputs: [37.5], total: 350 });
  });

  test("has what streams leave behind: once for a chain, more if it is written, less where there is less room", () => {
    const elastic = { least: 30 * mib, most: 200 * mib, writing: 50 * mib };
    const stream = (operation = 0): MemoryStatement => ({
      ...exact(operation, 0),
      class: "bounded",
      inputs: [0],
      elastic,
    });
    const passing = (child: Expr, operation = 0): Expr =>
      stage([child], { memory: stream(operation) });
    const unsized = stage([], {});
    const chain = passing(passing(unsized));
    expect(projected(passing(unsized))[1]).toMatchObject({ class: "bounded", total: 350 });
    expect(projected(chain, 100).at(-1)).toMatchObject({ class: "declared", total: 1000 });
    const first = stage([], { memory: { ...stream(), inputs: [] } });
    expect(projected(passing(passing(first)), 100)).toMatchObject([{ total: 350 }]);
    const drained = stage([first], {
      memory: { ...stream(), elastic: { ...elastic, writing: 0 } },
    });
    expect(projected(drained, 100)).toMatchObject([{ total: 300 }]);
    expect(projected(passing(unsized, 800))[1]).toMatchObject({ operation: 900, total: 1000 });
    expect(refusalOf(passing(unsized, 880)).data).toMatchObject({ total: (100 + 880 + 30) * mib });
  });

  test("where nothing was declared is refused if what operations know they hold does not fit", () => {
    const holding = (mebibytes: number): MemoryStatement => ({
      ...exact(0, 0),
      class: "declared",
      inputs: [mebibytes * mib],
    });
    expect(projected(stage([reader(30)], { memory: holding(700) }))[1]?.total).toBe(1000);
    // 100 + 1.25·800
    const refused = refusalOf(stage([reader(30)], { memory: holding(800) }));
    expect(refused.data).toMatchObject({ class: "declared", total: 1100 * mib });
  });

  test("is only declared where an input's size is unknown, and at most as sure as the least sure piece", () => {
    const unsized = stage([], { memory: exact(0, 1) });
    expect(projected(stage([unsized], { memory: exact(0, 1) }))[1]?.class).toBe("declared");
    const bounded: MemoryStatement = { class: "bounded", operation: 0, output: 0 };
    expect(projected(stage([reader(1)], { memory: bounded }), 100)[0]?.class).toBe("bounded");
  });
});

describe("a plan that would not fit", () => {
  test("is refused before it runs, with the sum and the chunk size that would fit", () => {
    const error = refusalOf(stage([reader(400)], { memory: exact(0, 400), chunkBytes: 400 * mib }));
    // 100 + 1.25·400 + 0 + 1.25·400 = 1100 of 1000; (1000 − 100) / 1000 of 400 fits: 360.
    expect(error.message).toContain(
      "work: one task needs 1.07 GiB and a worker has 1000 MiB: 100 MiB reserved + 500 MiB input 1 + 0 B operation + 500 MiB output",
    );
    expect(error.fix).toBe(
      "use chunks of at most 360 MiB (now 400 MiB), or give workers more memory",
    );
    expect(error.data).toMatchObject({
      total: 1100 * mib,
      limit: 1000 * mib,
      chunkBytesThatFit: 360 * mib,
    });
  });

  test("chunks of the size that the error names do fit, and barely so", () => {
    const plan = planOf([stage([reader(360)], { memory: exact(0, 360), chunkBytes: 360 * mib })], {
      limits,
      options: { fuseStepsMax: 1 },
    });
    expect(plan.first.stages[1]?.memory.total).toBe(1000 * mib);
  });

  test("is refused for what the user declared", () => {
    const error = refusalOf(
      stage([], {
        memory: { class: "declared", operation: 0, output: 0 },
        annotations: { memoryBytes: 901 * mib },
      }),
    );
    expect(error.fix).toBe("declare less memory for the work, or give workers more");
  });

  test("is not fused where its pieces fit apart", () => {
    const chain = stage([stage([], { memory: exact(0, 400), chunkBytes: 400 * mib })], {
      memory: { ...exact(600, 0), inputs: [50 * mib] },
    });
    const plan = planOf([chain], { limits });
    expect(plan.first.stages).toHaveLength(2);
    expect(plan.refusals[0]?.reason).toBe(
      "together one task needs 1.07 GiB, and a worker has 1000 MiB",
    );
  });
});
