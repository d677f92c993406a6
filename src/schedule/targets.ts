import { hasIndex } from "../plan/index-set.ts";
import type { TaskFailure } from "./driver.ts";
import type { TargetEnd } from "./effect.ts";
import type { JobState, ScheduleState, StageState, TargetState } from "./state.ts";

/** Counts a finished chunk for the targets that wait for it. */
export function targetsDone(state: ScheduleState, stage: StageState, index: number): void {
  for (const target of stage.openTargets) {
    if (waitsFor(target, index)) countDown(state, target);
  }
}

/** A chunk that was done is gone: targets that have not ended wait for it again. */
export function targetsUndone(stage: StageState, index: number): void {
  for (const target of stage.openTargets) if (waitsFor(target, index)) target.remaining++;
}

/** Ends a failed index for the targets that wait for it. */
export function targetsFailed(
  state: ScheduleState,
  stage: StageState,
  index: number,
  failure: TaskFailure,
): void {
  for (const target of stage.openTargets) targetFailed(state, target, index, failure);
}

/** Ends a failed index of one target, unless it has ended. */
export function targetFailed(
  state: ScheduleState,
  target: TargetState,
  index: number,
  failure: TaskFailure,
): void {
  if (!waitsFor(target, index)) return;
  target.failure ??= failure;
  endIndex(state, target, index, failure);
  if (target.job.onError === "fail") stopLater(state, target.job, { kind: "failed", failure });
}

/** A job will never get the manifest it waits for. */
export function watchFailed(
  state: ScheduleState,
  stage: StageState,
  job: JobState,
  failure: TaskFailure,
): void {
  if (!stage.watchers.delete(job)) return;
  doubtStage(state, stage);
  job.watchFailure ??= failure;
  job.expanding--;
  if (job.onError === "fail") stopLater(state, job, { kind: "failed", failure });
  else state.expansionsEnded.add(job);
}

/** Has all of a stage that was watched looked at: perhaps nobody else wants it. */
export function doubtStage(state: ScheduleState, stage: StageState): void {
  if (stage.unfinished === 0) return;
  for (let i = 0; i < stage.stage.count; i++) state.doubtful.push(stage, i);
}

/** Ends one index of a target without a chunk. */
export function endIndex(
  state: ScheduleState,
  target: TargetState,
  index: number,
  outcome: TaskFailure | "cancelled",
): void {
  const { job, position } = target;
  target.without.add(index);
  state.effects.push({ kind: "chunk-ended", job: job.id, target: position, index, outcome });
  countDown(state, target);
}

/** True if the target has not ended and neither has this index of it, as far as it was not done. */
export function waitsFor(target: TargetState, index: number): boolean {
  if (target.ended || target.without.has(index) || target.released.has(index)) return false;
  return hasIndex(target.indexes, index, target.stage.stage.count);
}

/** Ends a target, and the job with its last one. */
export function endTarget(state: ScheduleState, target: TargetState, end: TargetEnd): void {
  if (target.ended) return;
  target.ended = true;
  target.stage.openTargets.delete(target);
  endPosition(state, target.job, target.position, end);
}

/** Ends a position of a job, known target or not. */
export function endPosition(
  state: ScheduleState,
  job: JobState,
  position: number,
  end: TargetEnd,
): void {
  job.endedPositions.add(position);
  if (end.kind === "failed" || end.kind === "refused") job.outcome = "failed";
  else if (end.kind === "cancelled" && job.outcome === "done") job.outcome = "cancelled";
  state.effects.push({ kind: "target-ended", job: job.id, target: position, end });
  if (job.endedPositions.size === job.targetCount) endJob(state, job);
}

/** Ends a job all of whose targets have ended. */
export function endJob(state: ScheduleState, job: JobState): void {
  if (job.ended) return;
  job.ended = true;
  state.endedJobs.add(job);
  state.effects.push({ kind: "job-ended", job: job.id, outcome: job.outcome });
}

/** Has a job stopped at the end of this step: stopping changes many tasks, and we may be amid them. */
export function stopLater(state: ScheduleState, job: JobState, end: TargetEnd): void {
  if (!job.ended && !state.stopping.has(job)) state.stopping.set(job, end);
}

/** Counts an ended index, and ends the target with its last one. */
export function countDown(state: ScheduleState, target: TargetState): void {
  target.remaining--;
  if (target.remaining > 0) return;
  const { failure } = target;
  if (failure !== undefined) endTarget(state, target, { kind: "failed", failure });
  else endTarget(state, target, { kind: target.without.size > 0 ? "cancelled" : "done" });
}
