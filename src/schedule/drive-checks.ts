import { LambdaskError } from "../base/errors.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import type { Fragment } from "../plan/fragment.ts";
import type { TaskFailure } from "./driver.ts";
import type { JobState, ScheduleState, StageState } from "./state.ts";

/** Refuses a fragment that reads a stage that is gone: its chunks were released. */
export function checkReferences(
  state: ScheduleState,
  job: number,
  { stages, targets, watched }: Fragment,
): void {
  const own = new Set(stages.map(({ id }) => id));
  const aliases = state.jobs.get(job)?.aliases;
  const read = [
    ...stages.flatMap(({ slots }) => slots.map(({ stage }) => stage)),
    ...targets.map(({ stage }) => stage),
    ...watched,
  ];
  if (read.every((id) => own.has(id) || state.stages.has(id) || aliases?.has(id))) return;
  throw releasedError();
}

/** The error of work over chunks that are not held any more. */
export function releasedError(): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: "the work reads a result that was released",
    fix: "release a future when no more work is made of it",
  });
}

/** Takes back that the job keeps the stages of its targets; gives their names. */
export function keepNoMore(job: JobState | undefined): ContentName[] {
  const kept = new Set<StageState>();
  for (const { stage } of job?.targets.values() ?? []) kept.add(stage);
  for (const stage of kept) stage.keep = keptByOther(stage, job);
  return Array.from(kept, ({ stage }) => stage.name);
}

/** True if another job keeps the stage's chunks beyond its own end. */
function keptByOther(stage: StageState, job: JobState | undefined): boolean {
  for (const other of stage.jobs) {
    if (other === job || other.keep === "none") continue;
    if (other.keep === "all") return true;
    for (const target of stage.targets) if (target.job === other) return true;
  }
  return false;
}

/** The id by which the job's plan knows a stage that may have been there before. */
export function plannedId(job: JobState, stage: StageState): StageId {
  for (const [id, known] of job.aliases.entries()) if (known === stage) return id;
  return stage.stage.id;
}

/** The error of a chunk that cannot be had. */
export function unreadableError(failure: TaskFailure): LambdaskError {
  return new LambdaskError("CORRUPT_CHUNK", {
    message: `${failure.label}[${failure.index}]: its chunk was bad whenever it was read`,
    fix: "check the disk or bucket that holds the store",
    data: { index: failure.index, attempts: failure.attempts },
  });
}
