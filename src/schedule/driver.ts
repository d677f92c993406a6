import type { Backend } from "../backend/backend.ts";
import type { Failure } from "../backend/failure.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { InputRef, OutputSummary } from "../backend/task.ts";
import type { ChunkKey, ContentName, RunId, StageId } from "../base/ids.ts";
import type { CheckedPlan } from "../plan/fragment.ts";
import type { Stage, StageManifest } from "../plan/stage.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunKeeper } from "./run-keeper.ts";

/** A finished chunk: where its bytes are, and what is known of it. */
export interface FinishedChunk {
  readonly index: number;
  readonly ref: InputRef;
  /** Absent if the chunk was found in the store by an earlier run: then only its footer knows. */
  readonly summary?: OutputSummary;
  /** The value holds lazies that the client must run next. */
  readonly lazy: boolean;
}

/** Which task failed for good, and why. */
export interface TaskFailure {
  readonly stage: StageId;
  readonly label: string;
  readonly definedAt: string;
  readonly index: number;
  /** Attempts that counted. */
  readonly attempts: number;
  /** `poison`: the task ended this many workers. */
  readonly poison: boolean;
  readonly failure: Failure;
}

/** How one target ended. */
export type TargetOutcome =
  | { readonly kind: "done"; readonly stage: StageId; readonly chunks: readonly FinishedChunk[] }
  /** Its own task or one it depends on failed; with `onError: "fail"` also: the failure that stopped the job. */
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  /** The plan could not go on: the memory check or a limit refused what `expand` made, or the store failed. */
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "cancelled" };

/** Chunks that ended without a value, by stage and index, and the failure that what needs them ends with. */
export type EndedInputs = ReadonlyMap<StageId, ReadonlyMap<number, TaskFailure>>;

/** A plan to run. */
export interface Job {
  readonly run: RunId;
  /** For people. */
  readonly name: string;
  readonly plan: CheckedPlan;
  /** Look into the store for chunks that are there: resumed runs, persisted names, `reuse`. */
  readonly lookForChunks: boolean;
  /** Write replies to `runs/<run>/journal` before they are used, so that a killed client can resume. */
  readonly journal: boolean;
  /** Names of its stages are of this client only (its nonce is in them): they need no pins. Futures are so. */
  readonly ownNames?: boolean;
  /** Which stored chunks outlive `release`: none, those of targets (`persist`), or all (`reuse`). */
  readonly keep: "none" | "targets" | "all";
  /** Target chunks of more than this many bytes are in the store when the outcomes are told, given ones too. */
  readonly storesAbove?: number;
  /** `fail`: the first failed task that a target needs stops the whole job. `continue`: unrelated targets go on. */
  readonly onError: "fail" | "continue";
  readonly signal?: AbortSignal;
  /** Chunks of other jobs that are not made again for this one (of futures that failed or were cancelled). */
  readonly endedInputs?: EndedInputs;
  /** Called for every target chunk as it finishes, before the target as a whole has. */
  readonly onChunk?: (target: number, chunk: FinishedChunk) => void;
  /** Called for every target index that failed for good or was cancelled; not for what a refusal ends. */
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
  /**
   * Single indexes of a target are not needed any more, while others are: chunks that nothing else needs are dropped, if
   * their stage reads no others. Only for jobs with names of their own.
   */
  releaseIndex(target: number, index: number): void;
  /**
   * Makes a finished target chunk again, whose stored bytes turned out to be missing or wrong when the client read
   * them (a bad object is moved aside). Rejects with nothing: a chunk that cannot be had is a `TaskFailure`.
   */
  recover(
    target: number,
    index: number,
    problem: "lost" | "corrupt",
  ): Promise<FinishedChunk | TaskFailure>;
  /**
   * The job's targets may be forgotten: their chunks are dropped unless another job or name keeps them. With `kept`,
   * what the job itself kept goes as well (a persisted result that is released). With `left`, what is stored stays for
   * whoever resumes the run.
   */
  release(options?: { readonly kept?: boolean; readonly left?: boolean }): void;
  /** Of a released job: resolves when no worker works for it any more; `undefined` if none does. */
  readonly lateWork: Promise<void> | undefined;
  /** What is known of a finished stage. */
  manifest(stage: StageId): StageManifest | undefined;
}

/** Runs plans on a backend: one state machine for all jobs of a client, so equal work runs once. */
export interface Driver {
  submit(job: Job): JobHandle;
  /** Throws the CLOSED error that `submit` of a job of this name would throw now. */
  checkOpen(name: string): void;
  /**
   * Takes results of an earlier run from its journal (torn tails are fine): stages with the same stored names find
   * them done. Call it before `submit` of the job that resumes.
   */
  recall(journal: Uint8Array): void;
  /** Sets the wanted number of workers. */
  scale(target: number | { readonly min: number; readonly max: number }): void;
  onEvent(listener: (event: RunEvent) => void): () => void;
  /** Next free stage id: plans draw theirs from here. */
  nextStageId(): StageId;
  /** The stage of this id, as long as a job or a running task uses it. */
  stage(id: StageId): Stage | undefined;
  /** The live stage with this stored name, for plans that share work with it. */
  stageNamed(name: string): StageId | undefined;
  /** Runs `act` when the deletions that releases have asked for so far are over; `close` waits for it. */
  afterDeletions(act: () => Promise<void>): Promise<void>;
  /** Jobs that have not ended. */
  readonly activeJobs: number;
  /** Cancels all jobs that have not ended. */
  cancelAll(): void;
  /** Cancels what is left, aborts running invocations and resolves when none is left. The backend stays open. */
  close(): Promise<void>;
}

/** What a driver stands on. */
export interface DriverOptions {
  readonly backend: Backend;
  /** The summary in the footer of a stored chunk; `undefined` if it is gone or unreadable. */
  readonly readSummary: (key: ChunkKey) => Promise<OutputSummary | undefined>;
  /** The captured data of a function that is too large to travel with it, by name. Without it: none. */
  readonly blobsOf?: (shipped: ShippedFunction) => ReadonlyMap<ContentName, Uint8Array>;
  /** Pins names while jobs use them and says which may be deleted. Without one, no stored chunk is ever deleted. */
  readonly keeper?: RunKeeper;
  /** Checks the numbered invariants after every step: for simulations and for debugging. */
  readonly checkInvariants?: boolean;
}
