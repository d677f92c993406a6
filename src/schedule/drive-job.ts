import { present } from "../base/assert.ts";
import type { ContentName } from "../base/ids.ts";
import type { CheckedPlan, Fragment } from "../plan/fragment.ts";
import type { StageManifest } from "../plan/stage.ts";
import type { Job, TargetOutcome } from "./driver.ts";
import type { ScheduleEvent } from "./event.ts";

/** A job as the driver keeps it, beside the machine's own state. */
export class DriveJob {
  readonly id: number;
  readonly job: Omit<Job, "plan">;
  /** Until it has ended: what was planned with is not needed for results that are held. */
  #plan: CheckedPlan | undefined;
  readonly outcomes: Promise<readonly TargetOutcome[]>;
  /** What the plan threw when it was to go on. */
  refusal: unknown;
  /** Names that were pinned for the job. */
  readonly names: Set<ContentName> = new Set();
  ended = false;
  released = false;
  /** Resolves when no worker works for the released job any more; `undefined` if none does. */
  lateWork: Promise<void> | undefined;
  readonly #ends: (TargetOutcome | undefined)[];
  #resolve: (outcomes: readonly TargetOutcome[]) => void = () => undefined;
  /** Writes that must be over before the outcomes are told. */
  readonly #writes: Promise<void>[] = [];

  constructor(id: number, { plan, ...job }: Job) {
    this.id = id;
    this.job = job;
    this.#plan = plan;
    this.#ends = new Array<TargetOutcome | undefined>(plan.targetCount).fill(undefined);
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** What the machine is told of it. */
  get added(): ScheduleEvent {
    const { onError, lookForChunks, keep, endedInputs = new Map(), ownNames = false } = this.job;
    const targetCount = this.#ends.length;
    const facts = { onError, lookForChunks, keep, ownNames, targetCount, endedInputs };
    return { kind: "job-added", job: this.id, ...facts };
  }

  /** What of the plan can run once a stage has finished. */
  expand(manifest: StageManifest): Fragment {
    return present(this.#plan, "the plan of a job that goes on").expand(manifest);
  }

  /** Notes how a target ended. */
  endTarget(target: number, outcome: TargetOutcome): void {
    this.#ends[target] = outcome;
  }

  /** Has the outcomes wait for a write; if it fails, what is not told yet is refused. */
  waitFor(target: number, write: Promise<void>): void {
    this.#writes.push(
      write.catch((error: unknown) => {
        this.#ends[target] = { kind: "refused", error };
      }),
    );
  }

  /** Tells the outcomes; targets without one end as `rest`. */
  finish(rest: TargetOutcome): void {
    if (this.ended) return;
    this.ended = true;
    this.#plan = undefined;
    const tell = (): void => this.#resolve(this.#ends.map((end) => end ?? rest));
    if (this.#writes.length === 0) tell();
    else void Promise.all(this.#writes).then(tell);
  }
}
