import type { ContentName } from "../base/ids.ts";
import type { FinishedChunk, Job, TargetOutcome, TaskFailure } from "./driver.ts";

/** A job as the driver keeps it, beside the machine's own state. */
export class DriveJob {
  readonly id: number;
  readonly job: Job;
  readonly outcomes: Promise<readonly TargetOutcome[]>;
  /** Names this job uses, pinned while it does. */
  readonly names: Set<ContentName> = new Set();
  /** What the plan threw when it was to go on. */
  refusal: unknown;
  ended = false;
  released = false;
  readonly #ends: (TargetOutcome | undefined)[];
  #resolve: (outcomes: readonly TargetOutcome[]) => void = () => undefined;
  /** Writes that must be over before the outcomes are told. */
  readonly #writes: Promise<void>[] = [];

  constructor(id: number, job: Job) {
    this.id = id;
    this.job = job;
    this.#ends = new Array<TargetOutcome | undefined>(job.plan.targetCount).fill(undefined);
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
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
    const tell = (): void => this.#resolve(this.#ends.map((end) => end ?? rest));
    if (this.#writes.length === 0) tell();
    else void Promise.all(this.#writes).then(tell);
  }
}

/** Readers of finished chunks that wait for them to be made again. */
export class Recoveries {
  readonly #waiting = new Map<string, ((result: FinishedChunk | TaskFailure) => void)[]>();

  /** True if nobody waits for this chunk yet: then it must be asked for. */
  add(key: string, resolve: (result: FinishedChunk | TaskFailure) => void): boolean {
    const list = this.#waiting.get(key);
    if (list === undefined) this.#waiting.set(key, [resolve]);
    else list.push(resolve);
    return list === undefined;
  }

  end(key: string, result: FinishedChunk | TaskFailure): void {
    const list = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const resolve of list) resolve(result);
  }
}
