import type { JobHandle, TargetOutcome, TaskFailure } from "../schedule/driver.ts";
import type { ChunkEnd } from "./chunk-ends.ts";
import { isOfCancelled } from "./ended-inputs.ts";
import type { Engine } from "./engine.ts";
import type { PlanTarget } from "./run-targets.ts";
import type { RunStages } from "./stage-table.ts";
import { planOf } from "./started-run.ts";

/** Who is told how a job of futures fares. */
export interface FutureJobOptions {
  /** How a chunk of a target ended. */
  readonly settle: (target: number, index: number, end: ChunkEnd) => void;
  /** All is over: what was not told of ended as its target did. */
  readonly over: (outcomes: readonly TargetOutcome[]) => void;
  /** Chunks of more than this many bytes are in the store when all is over, and nothing is told of any before. */
  readonly storesAbove?: number | undefined;
}

/** Work of futures, submitted to the driver: its results are kept until it is released. */
export class FutureJob {
  readonly handle: JobHandle;
  readonly stages: RunStages;

  constructor(engine: Engine, targets: readonly PlanTarget[], options: FutureJobOptions) {
    const { session: run } = engine;
    const { storesAbove, settle } = options;
    const { plan, stages, endedInputs } = planOf(engine, targets, { nonce: run, store: false });
    this.stages = stages;
    this.handle = engine.driver.submit({
      run,
      name: "futures",
      plan,
      endedInputs,
      lookForChunks: false,
      journal: false,
      ownNames: true,
      keep: "none",
      onError: "continue",
      ...(storesAbove === undefined
        ? { onChunk: (target, chunk) => settle(target, chunk.index, { kind: "done", chunk }) }
        : { storesAbove }),
      onChunkFailed: (target, index, end) => settle(target, index, failedEnd(end)),
    });
    void this.handle.outcomes.then(options.over);
  }

  /** One chunk of a target is not needed any more, and others are. */
  releaseChunk(target: number, index: number): void {
    this.handle.releaseIndex(target, index);
  }

  release(): void {
    this.handle.release();
    this.stages.release();
  }
}

/** How a chunk ended that its target's outcome has to tell of. */
export function endOfOutcome(outcome: TargetOutcome | undefined, index: number): ChunkEnd {
  if (outcome === undefined) return { kind: "cancelled" };
  if (outcome.kind !== "done") return outcome;
  const { chunks } = outcome;
  // Of a target of all chunks, each stands at its index.
  const chunk =
    chunks[index]?.index === index ? chunks[index] : chunks.find((each) => each.index === index);
  return chunk === undefined ? { kind: "cancelled" } : { kind: "done", chunk };
}

function failedEnd(end: TaskFailure | "cancelled"): ChunkEnd {
  if (end === "cancelled" || isOfCancelled(end)) return { kind: "cancelled" };
  return { kind: "failed", failure: end };
}
