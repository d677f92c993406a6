import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import type { UserFunction } from "../../src/backend/kernel.ts";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import type { OutputSummary } from "../../src/backend/task.ts";
import { present } from "../../src/base/assert.ts";
import { type ChunkKey, makeRunId, makeStageId, type StageId } from "../../src/base/ids.ts";
import { corruptChunk } from "../../src/chunk/chunk-layout.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { readSummary } from "../../src/chunk/stored-chunk.ts";
import { capture } from "../../src/code/capture.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import type { Expr } from "../../src/plan/expr.ts";
import type { CheckedPlan, Fragment } from "../../src/plan/fragment.ts";
import { allIndexes } from "../../src/plan/index-set.ts";
import type { PlanOptions } from "../../src/plan/plan-options.ts";
import type { WantedExpr } from "../../src/plan/plan-request.ts";
import { planTargets } from "../../src/plan/planner.ts";
import type { Stage } from "../../src/plan/stage.ts";
import { createDriver } from "../../src/schedule/drive.ts";
import type { FinishedChunk } from "../../src/schedule/driver.ts";
import { Executor } from "../plan/support/execute.ts";
import { Faults } from "../simulation/faults.ts";
import { World } from "../simulation/simulated-backend.ts";

/** A function that a probe sends to its tasks. */
export type ProbeFunction = (...values: never[]) => unknown;

/** What came of a plan. */
export interface Ran {
  /** Per target, its chunks in order of index. */
  readonly values: readonly (readonly unknown[])[];
  readonly stages: readonly Stage[];
}

/** Somewhere plans can run. */
export interface Place extends AsyncDisposable {
  run(targets: readonly (Expr | WantedExpr)[], options?: Partial<PlanOptions>): Promise<Ran>;
}

/** Every place, by what it is called in the name of a test. */
export const places: Readonly<Record<string, () => Promise<Place>>> = {
  "in a plain loop": async () => new LoopPlace(),
  "on the simulated backend": async () => {
    const world = new World({ seed: 1, faults: new Faults(1, new Set()), link: original });
    return new BackendPlace(world.client().backend, () => undefined);
  },
  "on real workers": async () => {
    const store = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-probe-"));
    const backend = localBackend({ processes: 2, memory: "512 MiB", store });
    return new BackendPlace(backend, () => fs.rmSync(store, { recursive: true, force: true }));
  },
};

/** Functions as they are here: for places in this process, where a module loaded twice would have two classes `Block`. */
const originals = new Map<string, ProbeFunction>();

/** Captures a function as a collection would. */
export function ship(fn: ProbeFunction): ShippedFunction {
  const shipped = capture(fn, { where: "probe" });
  originals.set(shipped.id, fn);
  return shipped;
}

/** The function behind `shipped`, for places in this process. */
export function original({ id }: ShippedFunction): UserFunction {
  return present(originals.get(id), "a function of a probe") as UserFunction;
}

/** The plainest reading of a plan: task by task, every chunk kept. */
class LoopPlace implements Place {
  readonly #chunks = new Map<string, Uint8Array>();
  #nextStage = 0;

  async run(
    targets: readonly (Expr | WantedExpr)[],
    options: Partial<PlanOptions> = {},
  ): Promise<Ran> {
    const plan = planTargets({
      targets: targets.map(wanted),
      options,
      limits: { workerMemoryBytes: 2 ** 28, reservedMemoryBytes: 2 ** 26 },
      nextStageId: () => makeStageId(this.#nextStage++),
      runNonce: "probe",
    });
    return new Executor({}, this.#chunks, original).run(plan);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A driver on a backend. */
export class BackendPlace implements Place {
  readonly #backend: Backend;
  readonly #driver: ReturnType<typeof createDriver>;
  readonly #end: () => void;
  readonly #lookForChunks: boolean;
  #jobs = 0;

  /** `lookForChunks`: use what an earlier place has left in the store. */
  constructor(backend: Backend, end: () => void, lookForChunks = false) {
    this.#backend = backend;
    this.#end = end;
    this.#lookForChunks = lookForChunks;
    this.#driver = createDriver({
      backend,
      readSummary: (key) => summaryOf(backend, key),
      checkInvariants: true,
    });
  }

  async run(
    targets: readonly (Expr | WantedExpr)[],
    options: Partial<PlanOptions> = {},
  ): Promise<Ran> {
    const stages: Stage[] = [];
    const plan = planTargets({
      targets: targets.map(wanted),
      options,
      limits: this.#backend.limits,
      nextStageId: () => this.#driver.nextStageId(),
      stageNamed: (name): StageId | undefined => this.#driver.stageNamed(name),
      runNonce: "probe",
    });
    const handle = this.#driver.submit({
      run: makeRunId(`probe-${this.#jobs++}`),
      name: "probe",
      plan: noted(plan, stages),
      lookForChunks: this.#lookForChunks,
      journal: false,
      keep: "none",
      onError: "fail",
    });
    const values: unknown[][] = [];
    for (const outcome of await handle.outcomes) {
      if (outcome.kind !== "done") expect.fail(`a target ended as ${JSON.stringify(outcome)}`);
      values.push(await Promise.all(outcome.chunks.map((chunk) => this.#value(chunk))));
    }
    return { values, stages };
  }

  async #value({ ref }: FinishedChunk): Promise<unknown> {
    const bytes = "inline" in ref ? ref.inline : await this.#backend.store.get(ref.key);
    return decodeChunk(present(bytes, "a finished chunk"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver.close();
    await this.#backend.close();
    this.#end();
  }
}

/** What the stored footer of a chunk says. */
async function summaryOf({ store }: Backend, key: ChunkKey): Promise<OutputSummary> {
  const stored = async (bytes: Promise<Uint8Array | undefined>): Promise<Uint8Array> =>
    present(await bytes, "a chunk that was listed");
  return readSummary({
    end: (length) => stored(store.getRange(key, { offset: -length, length })),
    range: (offset, length) => stored(store.getRange(key, { offset, length })),
    whole: () => stored(store.get(key)),
    corrupt: corruptChunk,
  });
}

function wanted(target: Expr | WantedExpr): WantedExpr {
  return "expr" in target ? target : { expr: target, indexes: allIndexes };
}

/** The plan, whose stages are also put into `stages` as they become known. */
function noted(plan: CheckedPlan, stages: Stage[]): CheckedPlan {
  const note = (fragment: Fragment): Fragment => {
    stages.push(...fragment.stages);
    return fragment;
  };
  return {
    first: note(plan.first),
    targetCount: plan.targetCount,
    expand: (manifest) => note(plan.expand(manifest)),
  };
}
