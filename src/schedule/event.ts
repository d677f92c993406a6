import type { InvocationOutcome } from "../backend/task.ts";
import type { InvocationId, StageId } from "../base/ids.ts";
import type { Fragment } from "../plan/fragment.ts";
import type { EndedInputs } from "./driver.ts";

/** What happened: the only way anything gets into the machine. */
export type ScheduleEvent =
  | { readonly kind: "slots"; readonly slots: number }
  | {
      readonly kind: "job-added";
      readonly job: number;
      readonly onError: "fail" | "continue";
      readonly lookForChunks: boolean;
      readonly keep: "none" | "targets" | "all";
      readonly ownNames?: boolean;
      readonly targetCount: number;
      readonly endedInputs: EndedInputs;
    }
  /**
   * Stages and targets of a job. Nothing is asked for before `begun`. With `expanded`, the fragment is what the plan
   * made of that stage's manifest.
   */
  | {
      readonly kind: "fragment-added";
      readonly job: number;
      readonly fragment: Fragment;
      readonly expanded: boolean;
      /** Indexes whose results are in the driver's table already (from a journal), by stage. */
      readonly recalled: ReadonlyMap<StageId, readonly number[]>;
    }
  | { readonly kind: "begun"; readonly job: number }
  /** The plan could not be continued. */
  | { readonly kind: "refused"; readonly job: number }
  | {
      readonly kind: "answered";
      readonly invocation: InvocationId;
      readonly outcome: InvocationOutcome;
    }
  /** Tasks from position `from` on did not fit into the message of the invocation. */
  | { readonly kind: "trimmed"; readonly invocation: InvocationId; readonly from: number }
  /** Indexes of a block whose chunks are in the store. */
  | {
      readonly kind: "listed";
      readonly stage: StageId;
      readonly block: number;
      readonly present: readonly number[];
    }
  /** A bad chunk is out of the way. */
  | { readonly kind: "quarantined"; readonly stage: StageId; readonly index: number }
  /** The client could not read a finished target chunk. */
  | {
      readonly kind: "unreadable";
      readonly stage: StageId;
      readonly index: number;
      readonly problem: "lost" | "corrupt";
    }
  | { readonly kind: "cancel"; readonly job: number }
  | {
      readonly kind: "cancel-indexes";
      readonly job: number;
      readonly target: number;
      readonly indexes: readonly number[];
    }
  /** Nobody holds these results any more; the target's others are still held. */
  | {
      readonly kind: "release-indexes";
      readonly job: number;
      readonly target: number;
      readonly indexes: readonly number[];
    }
  | { readonly kind: "release"; readonly job: number }
  | { readonly kind: "woken" };

/** When it happened, and random bits for jitter: the machine has no clock and no dice. */
export interface Moment {
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: number;
}
