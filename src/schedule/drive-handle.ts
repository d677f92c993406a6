import type { RunId, StageId } from "../base/ids.ts";
import type { StageManifest } from "../plan/stage.ts";
import type { DriveJob } from "./drive-job.ts";
import type { FinishedChunk, JobHandle, TargetOutcome, TaskFailure } from "./driver.ts";

/** What the driver does for those who hold handles. */
export interface JobActs {
  cancel(driven: DriveJob): void;
  cancelIndex(driven: DriveJob, target: number, index: number): void;
  releaseIndex(driven: DriveJob, target: number, index: number): void;
  recover(
    driven: DriveJob,
    chunk: {
      readonly target: number;
      readonly index: number;
      readonly problem: "lost" | "corrupt";
    },
  ): Promise<FinishedChunk | TaskFailure>;
  release(driven: DriveJob, options: { readonly kept?: boolean; readonly left?: boolean }): void;
  manifest(driven: DriveJob, stage: StageId): StageManifest | undefined;
}

/** A handle of a class, and no closures of its own: there is one to each future that is held. */
export class DriveHandle implements JobHandle {
  readonly #driven: DriveJob;
  readonly #acts: JobActs;

  constructor(driven: DriveJob, acts: JobActs) {
    this.#driven = driven;
    this.#acts = acts;
  }

  get run(): RunId {
    return this.#driven.job.run;
  }

  get outcomes(): Promise<readonly TargetOutcome[]> {
    return this.#driven.outcomes;
  }

  get lateWork(): Promise<void> | undefined {
    return this.#driven.lateWork;
  }

  cancel(): void {
    this.#acts.cancel(this.#driven);
  }

  cancelIndex(target: number, index: number): void {
    this.#acts.cancelIndex(this.#driven, target, index);
  }

  releaseIndex(target: number, index: number): void {
    this.#acts.releaseIndex(this.#driven, target, index);
  }

  recover(
    target: number,
    index: number,
    problem: "lost" | "corrupt",
  ): Promise<FinishedChunk | TaskFailure> {
    return this.#acts.recover(this.#driven, { target, index, problem });
  }

  release(options: { readonly kept?: boolean; readonly left?: boolean } = {}): void {
    this.#acts.release(this.#driven, options);
  }

  manifest(stage: StageId): StageManifest | undefined {
    return this.#acts.manifest(this.#driven, stage);
  }
}
