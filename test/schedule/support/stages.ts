import { nameOf } from "../../../src/base/content-name.ts";
import { makeStageId, type StageId } from "../../../src/base/ids.ts";
import type { CheckedPlan, Fragment, Target } from "../../../src/plan/fragment.ts";
import { allIndexes, type IndexSet } from "../../../src/plan/index-set.ts";
import type { InputMapping } from "../../../src/plan/mapping.ts";
import type { Stage, StageKind, StageOptions } from "../../../src/plan/stage.ts";

/** What a test says of a stage. */
export interface StageWish {
  readonly id: number;
  readonly count: number;
  readonly kind?: StageKind;
  readonly reads?: readonly (readonly [producer: number, mapping: InputMapping])[];
  readonly options?: Partial<StageOptions>;
  /** Makes names differ between tests. */
  readonly salt?: string;
  readonly parts?: number;
}

/** A stage whose program is nothing but its name: simulated backends know what to do. */
export function stageOf(wish: StageWish): Stage {
  const { id, count, kind = "map", reads = [], salt = "" } = wish;
  return {
    id: makeStageId(id),
    name: nameOf(["test stage", id, salt]),
    label: `stage-${id}`,
    kind,
    count,
    slots: reads.map(([producer, mapping]) => ({ stage: makeStageId(producer), mapping })),
    program: { id: nameOf(["test program", id]), steps: [], functions: [] },
    ...(kind === "data" ? { data: emptyData(count) } : {}),
    ...(wish.parts === undefined ? {} : { parts: wish.parts }),
    memory: { class: "exact", reserved: 0, inputs: [], operation: 0, output: 0, total: 0 },
    options: {
      retries: 0,
      priority: 0,
      timeoutMs: undefined,
      memoryBytes: undefined,
      store: false,
      nonce: "",
      ordered: false,
      ...wish.options,
    },
    definedAt: "test.ts:1:1",
    fused: [],
  };
}

/** A plan of one fragment. */
export function planOf(
  stages: readonly Stage[],
  targets: readonly (readonly [stage: number, indexes?: IndexSet])[],
): CheckedPlan {
  return {
    first: { stages, targets: targets.map(targetOf), watched: [] },
    targetCount: targets.length,
    expand: () => {
      throw new Error("this plan has one fragment");
    },
  };
}

/** A target by position. */
export function targetOf(
  [stage, indexes = allIndexes]: readonly [stage: number, indexes?: IndexSet],
  position: number,
): Target {
  return { position, stage: makeStageId(stage), indexes };
}

/** A plan that grows: `expansions` by the id of the watched stage. */
export function growingPlan(
  first: Fragment,
  targetCount: number,
  expand: (stage: StageId) => Fragment,
): CheckedPlan {
  return { first, targetCount, expand: (manifest) => expand(manifest.stage) };
}

function emptyData(count: number): { offsets: Float64Array; bytes: Uint8Array } {
  return { offsets: new Float64Array(count + 1), bytes: new Uint8Array(0) };
}
