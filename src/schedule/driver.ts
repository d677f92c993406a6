import type { Failure } from "../backend/failure.ts";
import type { InputRef, OutputSummary } from "../backend/task.ts";
import type { RunId, StageId } from "../base/ids.ts";
import type { CheckedPlan } from "../plan/fragment.ts";
import type { StageManifest } from "../plan/stage.ts";
import type { RunEvent } from "./run-event.ts";

/** A finished chunk: where its bytes are, and what is known of it. */
export interface FinishedChunk {
  readonly index: number;
  readonly ref: InputRef;
  readonly summary: OutputSummary;
  /** The value holds lazies that the client must run next. */
  readonly lazy: boolean;
}

/** Which task failed for good, and why. */
export interface TaskFailure {
  readonly stage: StageId;
  readonly label: string;
  readonly definedAt: string;
  readonly index: number;
  readonly attempts: number;
  readonly failure: Failure;
}

/** How one target ended. */
export type TargetOutcome =
  | { readonly kind: "done"; readonly stage: StageId; readonly chunks: readonly FinishedChunk[] }
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  | { readonly kind: "cancelled" };

/** A plan to run. */
export interface Job {
  readonly run: RunId;
  /** For people. */
  readonly name: string;
  readonly plan: CheckedPlan;
  /** Look into the store for chunks that are there: resumed runs, persisted names, `reuse`. */
  readonly lookForChunks: boolean;
  /** `fail`: the first failed target stops the whole job. `continue`: unrelated targets go on. */
  readonly onError: "fail" | "continue";
  readonly signal?: AbortSignal;
  /** Called for every target chunk as it finishes, before the target as a whole has. */
  readonly onChunk?: (target: number, chunk: FinishedChunk) => void;
  /** Called for every target index that failed for good or was cancelled. */
  readonly onChunkFailed?: (
    target: number,
    index: number,
    outcome: TaskFailure | "cancelled",
  ) => void;
}

/** A job that was submitted. */
export interface JobHandle {
  readonly run: RunId;
  /** Resolves when every target has ended, in order of target position; never rejects. */
  readonly outcomes: Promise<readonly TargetOutcome[]>;
  /** Stops submitting tasks that only this job needs; what runs, finishes. */
  cancel(): void;
  /** Cancels single indexes of a target (futures). */
  cancelIndex(target: number, index: number): void;
  /** The job's targets may be forgotten: their chunks are dropped unless another job or name keeps them. */
  release(): void;
  /** What is known of a finished stage. */
  manifest(stage: StageId): StageManifest | undefined;
}

/** Runs plans on a backend: one state machine for all jobs of a client, so equal work runs once. */
export interface Driver {
  submit(job: Job): JobHandle;
  /** Sets the wanted number of workers. */
  scale(target: number | { readonly min: number; readonly max: number }): void;
  onEvent(listener: (event: RunEvent) => void): () => void;
  /** Next free stage id: plans draw theirs from here. */
  nextStageId(): StageId;
  /** The live stage with this stored name, for plans that share work with it. */
  stageNamed(name: string): StageId | undefined;
  close(): Promise<void>;
}
