import type { Failure } from "../backend/failure.ts";
import type { InvocationId, StageId } from "../base/ids.ts";
import type { TaskFailure } from "./driver.ts";

/** How a target ended, as the machine says it; chunks are in the driver's table. */
export type TargetEnd =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  | { readonly kind: "refused" }
  | { readonly kind: "cancelled" };

/** What is to be done: the only thing that comes out of the machine. */
export type Effect =
  /** Run these tasks on one worker and answer with `answered`. */
  | {
      readonly kind: "invoke";
      readonly invocation: InvocationId;
      readonly stage: StageId;
      readonly indexes: readonly number[];
      /** Per index, 1 for the first try. */
      readonly attempts: readonly number[];
      readonly timeoutMs: number | undefined;
    }
  /** Tell the worker of an invocation that nobody wants the results of these tasks any more. */
  | {
      readonly kind: "unwanted";
      readonly invocation: InvocationId;
      readonly indexes: readonly number[];
    }
  /** List the stage's chunks of this block and answer with `listed`. */
  | { readonly kind: "list"; readonly stage: StageId; readonly block: number }
  /** Move this chunk aside and answer with `quarantined`. */
  | { readonly kind: "quarantine"; readonly stage: StageId; readonly index: number }
  /** Expand the job's plan by this stage's manifest and answer with `fragment-added` or `refused`. */
  | { readonly kind: "expand"; readonly job: number; readonly stage: StageId }
  /** These tasks of a stage with targets are done. */
  | {
      readonly kind: "chunks-done";
      readonly stage: StageId;
      readonly indexes: readonly number[];
      /** The target that learns of it; absent for all of the stage. */
      readonly only?: { readonly job: number; readonly target: number };
    }
  /** One index of a target will not be done. */
  | {
      readonly kind: "chunk-ended";
      readonly job: number;
      readonly target: number;
      readonly index: number;
      readonly outcome: TaskFailure | "cancelled";
    }
  | {
      readonly kind: "target-ended";
      readonly job: number;
      readonly target: number;
      readonly end: TargetEnd;
    }
  | {
      readonly kind: "job-ended";
      readonly job: number;
      readonly outcome: "done" | "failed" | "cancelled";
    }
  /** A chunk that was `unreadable` is there again, or cannot be had. */
  | {
      readonly kind: "recovered";
      readonly stage: StageId;
      readonly index: number;
      readonly failure: TaskFailure | undefined;
    }
  /** Nobody needs the stage's results any more; its tasks may be asked for again. */
  | { readonly kind: "drop"; readonly stage: StageId }
  /** Nobody needs these results of a stage any more; it has others. */
  | { readonly kind: "drop-chunks"; readonly stage: StageId; readonly indexes: number[] }
  /** The stage is gone from the machine. */
  | { readonly kind: "remove"; readonly stage: StageId; readonly keep: boolean }
  /** Send `woken` at this time. */
  | { readonly kind: "wake"; readonly atMs: number }
  /** For watchers: a task will be tried again. */
  | {
      readonly kind: "retried";
      readonly stage: StageId;
      readonly index: number;
      readonly attempt: number;
      readonly failure: Failure["kind"];
    }
  /** For watchers: a task failed for good by itself. */
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  /** For watchers: all wanted tasks of the stage are done. */
  | { readonly kind: "stage-finished"; readonly stage: StageId };
