import type { ChunkStore } from "../backend/chunk-store.ts";
import { present } from "../base/assert.ts";
import { forEachIndex, hasIndex } from "../plan/index-set.ts";
import { chunkKeys, spillChunks } from "./chunk-io.ts";
import type { DriveJob } from "./drive-job.ts";
import type { DriveTables } from "./drive-tables.ts";
import type { Job, TargetOutcome } from "./driver.ts";
import type { Effect, TargetEnd } from "./effect.ts";
import type { StageResults } from "./results.ts";
import type { JobState, StageState, TargetState } from "./state.ts";
import type { StoredNames } from "./stored-names.ts";

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/** Tells jobs how their targets fare. */
export class TargetTeller {
  readonly #tables: DriveTables;
  readonly #store: ChunkStore;
  readonly #names: StoredNames;

  constructor(tables: DriveTables, store: ChunkStore, names: StoredNames) {
    this.#tables = tables;
    this.#store = store;
    this.#names = names;
  }

  /** Hands finished chunks to who listens for them. */
  chunksDone({ stage, indexes, only }: EffectOf<"chunks-done">): void {
    const machine = this.#tables.stage(stage);
    if (only === undefined) {
      for (const target of machine.targets) this.#tell(target, indexes);
      return;
    }
    const target = this.#tables.state.jobs.get(only.job)?.targets.get(only.target);
    if (target !== undefined) this.#tell(target, indexes);
  }

  /** Tells who listens that a chunk will not come. */
  chunkEnded({ job, target, index, outcome }: EffectOf<"chunk-ended">): void {
    this.#tables.jobs.get(job)?.job.onChunkFailed?.(target, index, outcome);
  }

  #tell(target: TargetState, indexes: readonly number[]): void {
    const driven = this.#tables.jobs.get(target.job.id);
    if (driven?.ended && driven.job.keep === "targets") {
      // Made again after it was lost or bad: what cannot be kept is made once more when it is missed.
      this.#inStore(this.#tables.resultsOf(target.stage), indexes).catch(() => undefined);
    }
    const { onChunk } = driven?.job ?? {};
    if (onChunk === undefined || driven?.ended) return;
    const results = this.#tables.resultsOf(target.stage);
    for (const index of indexes) {
      if (target.without.has(index) || target.released.has(index)) continue;
      if (!hasIndex(target.indexes, index, target.stage.stage.count)) continue;
      onChunk(target.position, results.chunk(index));
    }
  }

  /** Notes how a target ended, with its chunks. */
  ended({ job, target, end }: EffectOf<"target-ended">): void {
    const driven = this.#tables.jobs.get(job);
    if (driven === undefined) return;
    if (end.kind !== "done") {
      driven.endTarget(target, outcomeOf(end, driven));
      return;
    }
    const machine = present(this.#tables.state.jobs.get(job), `job ${job}`);
    const { stage, indexes, released } = present(machine.targets.get(target), `target ${target}`);
    const results = this.#tables.resultsOf(stage);
    const told: number[] = [];
    forEachIndex(indexes, stage.stage.count, (index) => {
      if (!released.has(index)) told.push(index);
    });
    if (driven.job.keep !== "none") {
      driven.waitFor(target, this.#keep(driven.job, machine, { stage, results, told }));
    }
    const { storesAbove } = driven.job;
    if (storesAbove !== undefined) {
      const large = told.filter((index) => isLarge(results, index, storesAbove));
      if (large.length > 0) driven.waitFor(target, spillChunks(this.#store, results, large));
    }
    const chunks = told.map((index) => results.chunk(index));
    driven.endTarget(target, { kind: "done", stage: stage.stage.id, chunks });
  }

  /** What is kept must be in the store, small or not: the journal goes with its run. */
  async #keep(
    { run }: Pick<Job, "run">,
    job: JobState,
    target: {
      readonly stage: StageState;
      readonly results: StageResults;
      readonly told: readonly number[];
    },
  ): Promise<void> {
    const { stage, results, told } = target;
    const kept = job.keep === "all" ? [...job.stages] : [stage];
    // What is kept for reuse may go with the rest of its store: it is made again.
    if (job.keep === "targets") await this.#inStore(results, told);
    else await spillChunks(this.#store, results, told);
    const names = kept.map(({ stage: { name } }) => name);
    await this.#names.keep(names, job.keep === "all" ? "reuse" : run);
  }

  /** Has chunks in the store, to stay there. */
  async #inStore(results: StageResults, indexes: readonly number[]): Promise<void> {
    await spillChunks(this.#store, results, indexes);
    await this.#store.keep?.(chunkKeys(results.stage.name, indexes));
  }
}

function isLarge(results: StageResults, index: number, bytesMax: number): boolean {
  return results.isInline(index) && results.inlineBytes(index).length > bytesMax;
}

function outcomeOf(end: Exclude<TargetEnd, { kind: "done" }>, driven: DriveJob): TargetOutcome {
  return end.kind === "refused" ? { kind: "refused", error: driven.refusal } : end;
}
