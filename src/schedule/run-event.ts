import type { Failure } from "../backend/failure.ts";
import type { RunId, StageId } from "../base/ids.ts";

/** What watchers (progress, history) may see of a run. Times in milliseconds since the epoch. */
export type RunEvent =
  | {
      readonly kind: "run-started";
      readonly run: RunId;
      readonly atMs: number;
      readonly name: string;
      readonly resumed: boolean;
    }
  | {
      readonly kind: "stage-added";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly label: string;
      /** Tasks of the stage that are needed. */
      readonly tasks: number;
      /** Of them, found done (journal, store). */
      readonly cached: number;
    }
  | {
      readonly kind: "tasks-started";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly count: number;
    }
  | {
      readonly kind: "tasks-done";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly count: number;
      readonly bytes: number;
      readonly rows: number;
    }
  | {
      readonly kind: "task-retried";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly index: number;
      readonly attempt: number;
      readonly failure: Failure["kind"];
    }
  /** Two attempts of a task whose results should be the same byte for byte gave different ones; the first counts. */
  | {
      readonly kind: "task-differs";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly index: number;
    }
  | {
      readonly kind: "task-failed";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly index: number;
      readonly failure: Failure;
    }
  | {
      readonly kind: "stage-finished";
      readonly run: RunId;
      readonly atMs: number;
      readonly stage: StageId;
      readonly bytes: number;
    }
  | {
      readonly kind: "slots";
      readonly run: RunId;
      readonly atMs: number;
      readonly slots: number;
      readonly busy: number;
    }
  | {
      readonly kind: "run-finished";
      readonly run: RunId;
      readonly atMs: number;
      readonly outcome: "done" | "failed" | "cancelled";
    };
