import type { ChunkStore } from "../backend/chunk-store.ts";
import { present } from "../base/assert.ts";
import type { RunId, StageId } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import type { DriveJob } from "./drive-job.ts";
import type { StageResults } from "./results.ts";
import { journalName } from "./run-record.ts";
import type { JobState, ScheduleState, StageState } from "./state.ts";

/** What the driver knows beside the machine's own state: jobs as they were submitted, and results. */
export class DriveTables {
  readonly state: ScheduleState;
  readonly jobs: Map<number, DriveJob> = new Map();
  readonly results: Map<StageId, StageResults> = new Map();
  /** Of cancelled jobs that were released: what still runs for them is worth keeping for who resumes. */
  readonly #lateJournals = new Map<StageId, string>();
  /** Of stages whose jobs were released while others still read them. */
  readonly #lateRuns = new Map<StageId, RunId>();

  constructor(state: ScheduleState) {
    this.state = state;
  }

  /** The stage that the machine calls `id`. */
  stage(id: StageId): StageState {
    return present(this.state.stages.get(id), `stage ${id}`);
  }

  resultsOf(stage: StageState): StageResults {
    return present(this.results.get(stage.stage.id), `results of stage ${stage.stage.id}`);
  }

  /** The run that a stage counts for: that of the first job that uses it, or was the last one to use it. */
  runOf(stage: StageState): RunId | undefined {
    return this.#firstJob(stage, () => true)?.job.run ?? this.#lateRuns.get(stage.stage.id);
  }

  /** The journal that a stage's results go to, if one of its jobs has one. */
  journalOf(stage: StageState): string | undefined {
    const driven = this.#firstJob(stage, ({ job }) => job.journal);
    if (driven !== undefined) return journalName(driven.job.run);
    return this.#lateJournals.get(stage.stage.id);
  }

  /**
   * Jobs that leave something in the store that nobody can find: their names are of this client only, and chunks of
   * theirs may be stored. None where requests cost: a rule removes such chunks there.
   */
  leftIn(store: ChunkStore): readonly DriveJob[] {
    if (store.deleteAll !== undefined) return [];
    return [...this.jobs.values()].filter(({ id, job }) => {
      const stages = [...(this.state.jobs.get(id)?.stages ?? [])];
      return (
        job.ownNames && stages.some(({ stage }) => this.results.get(stage.id)?.mayBeStored === true)
      );
    });
  }

  /**
   * Stages that no run can be resumed with: what their functions have captured lies in the store even where all their
   * results are here.
   */
  ownStagesIn(store: ChunkStore): readonly Stage[] {
    if (store.deleteAll !== undefined) return [];
    const isOwn = ({ id }: JobState): boolean => this.jobs.get(id)?.job.ownNames ?? true;
    const stages = [...this.state.stages.values()];
    return stages.filter(({ jobs }) => [...jobs].every(isOwn)).map(({ stage }) => stage);
  }

  /** Forgets a job that is about to be released. */
  releaseJob(driven: DriveJob): void {
    const { run, journal } = driven.job;
    const machine = this.state.jobs.get(driven.id);
    const isLate = journal && machine?.outcome === "cancelled";
    for (const { stage, jobs } of machine?.stages ?? []) {
      if (isLate) this.#lateJournals.set(stage.id, journalName(run));
      if (jobs.size === 1) this.#lateRuns.set(stage.id, run);
    }
    this.jobs.delete(driven.id);
  }

  /** Forgets a stage. */
  removeStage(id: StageId): void {
    this.results.delete(id);
    this.#lateJournals.delete(id);
    this.#lateRuns.delete(id);
  }

  #firstJob(stage: StageState, wanted: (driven: DriveJob) => boolean): DriveJob | undefined {
    for (const { id } of stage.jobs) {
      const driven = this.jobs.get(id);
      if (driven !== undefined && wanted(driven)) return driven;
    }
    return undefined;
  }
}
