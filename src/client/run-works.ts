import { present, unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { isLazyData, lazyFromData } from "../code/lazy/lazy-data.ts";
import type { TargetOutcome } from "../schedule/driver.ts";
import type { ChunkEnd } from "./chunk-ends.ts";
import type { LazyWork } from "./collection.ts";
import { cancelledInput, isOfCancelled } from "./ended-inputs.ts";
import type { Engine } from "./engine.ts";
import { LazyResult, resolveLazies } from "./lazy-results.ts";
import { readChunk } from "./read-chunk.ts";
import { pickIndexes } from "./run-targets.ts";
import {
  cancelled,
  endRun,
  type RunOptions,
  type StartedRun,
  settle,
  startRun,
} from "./started-run.ts";
import { taskError } from "./task-error.ts";
import { failedTask } from "./task-label.ts";
import type { WorkResult } from "./work-result.ts";

/** Runs works as one job and gives their values, those of lazies that tasks returned included. */
export async function runWorks(
  engine: Engine,
  works: readonly LazyWork[],
  options: RunOptions & { readonly depth?: number },
): Promise<WorkResult[]> {
  if (works.length === 0) return [];
  const started = await startRun(engine, works, options);
  const outcomes = await settle(engine, started);
  try {
    const reading = new Reading(engine, { started, outcomes, options });
    const results = await Promise.all(works.map((work, i) => reading.result(work, i)));
    const depth = options.depth ?? 0;
    return await resolveLazies(results, depth, (nested) =>
      runWorks(engine, nested, { ...options, depth: depth + 1, within: started.shared }),
    );
  } finally {
    await endRun(engine, started, outcomes);
  }
}

/** What a finished run left, and for whom it is read. */
export interface FinishedRun {
  readonly started: StartedRun;
  readonly outcomes: readonly TargetOutcome[];
  readonly options: RunOptions;
}

/** Reads the results of a finished run. */
export class Reading {
  readonly #engine: Engine;
  readonly #finished: FinishedRun;
  /** Per work, its target. */
  readonly #targets = new Map<number, number>();

  constructor(engine: Engine, finished: FinishedRun) {
    this.#engine = engine;
    this.#finished = finished;
    for (const [target, { works }] of finished.started.targets.entries()) {
      for (const work of works) this.#targets.set(work, target);
    }
  }

  /** The value of work number `position`, or its error. Never rejects. */
  async result(work: LazyWork, position: number): Promise<WorkResult> {
    try {
      const target = present(this.#targets.get(position), "a work's target");
      const chunks = await this.#chunks(work, target);
      return { kind: "value", value: await work.assemble(chunks) };
    } catch (error) {
      return { kind: "error", error };
    }
  }

  async #chunks(work: LazyWork, target: number): Promise<unknown[]> {
    const { started, outcomes } = this.#finished;
    const ends = present(started.ends[target], "a target's chunks");
    const outcome = present(outcomes[target], "a target's outcome");
    // A target of several works may have failed because of another one's chunk.
    if (outcome.kind !== "done" && work.indexes.kind !== "list") throw this.#error(outcome);
    return Promise.all(
      pickIndexes(work.indexes, ends.keys()).map(async (index) => {
        const end = ends.get(index);
        if (end?.kind !== "done") throw this.#error(end ?? outcome);
        return this.#read(end, target, work);
      }),
    );
  }

  async #read(
    end: Extract<ChunkEnd, { kind: "done" }>,
    target: number,
    { streams = false }: LazyWork,
  ): Promise<unknown> {
    const { handle } = this.#finished.started;
    const { store } = this.#engine.backend;
    const read = await readChunk(end.chunk, { store, handle, target, streams });
    if (read.kind === "failed") throw this.#error(read);
    return isLazyData(read.value) ? new LazyResult(lazyFromData(read.value)) : read.value;
  }

  #error(end: ChunkEnd | TargetOutcome): unknown {
    const { started, options } = this.#finished;
    switch (end.kind) {
      case "failed": {
        if (isOfCancelled(end.failure)) return cancelledInput(options.site);
        const stage = started.stages.get(end.failure.stage);
        return taskError(end.failure, failedTask(end.failure, stage), options.site);
      }
      case "refused":
        return end.error;
      case "cancelled":
        return cancelled(options.signal, options.site);
      case "done":
        return new LambdaskError("BUG", { message: "internal: a finished chunk is missing" });
      default:
        return unreachable(end);
    }
  }
}
