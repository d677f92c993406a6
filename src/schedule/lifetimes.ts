import { forgetGates } from "./gates.ts";
import { loosenRest } from "./loose.ts";
import { detach, removeStage } from "./stages.ts";
import type { JobState, ScheduleState, StageState } from "./state.ts";
import { done, idle } from "./task-state.ts";

/** Ends a job's claim on its stages. */
export function releaseJob(state: ScheduleState, job: JobState): void {
  state.jobs.delete(job.id);
  for (const target of job.targets.values()) {
    target.stage.targets.delete(target);
    loosenRest(state, target);
  }
  for (const stage of job.stages) {
    stage.jobs.delete(job);
    state.dropCandidates.add(stage);
  }
}

/**
 * Lets go of what the candidates hold in vain: a settled stage does not need what it has read, a stage that nobody needs
 * goes, and the results of one whose readers have all committed, and that no target or fragment to come needs, go.
 */
export function dropUnneeded(state: ScheduleState): void {
  const { dropCandidates } = state;
  // What becomes a candidate on the way is visited too.
  for (const stage of dropCandidates) {
    dropCandidates.delete(stage);
    if (state.stages.get(stage.stage.id) !== stage) continue;
    const producers = stage.slots.map(({ producer }) => producer);
    if (unused(stage)) removeStage(state, stage);
    else if (settles(stage)) settle(stage);
    else {
      if (droppable(stage)) drop(state, stage);
      continue;
    }
    for (const producer of producers) dropCandidates.add(producer);
  }
}

/** True if no job names the stage, no stage reads it, and no worker still writes its chunks. */
function unused(stage: StageState): boolean {
  if (stage.jobs.size > 0 || stage.invocations > 0 || stage.unfinished > 0) return false;
  for (const { consumer } of stage.readers) if (consumer !== stage) return false;
  return true;
}

/**
 * True for results that somebody holds and that are all in this process: they cannot be lost, so nothing will ever be
 * made again for them. By this a loop that makes each future from the one before holds one of them, and not all.
 */
function settles(stage: StageState): boolean {
  if (stage.settled || stage.stored || stage.targets.size === 0 || stage.slots.length === 0) {
    return false;
  }
  return stage.finished === stage.stage.count && stage.invocations === 0;
}

function settle(stage: StageState): void {
  stage.settled = true;
  detach(stage);
}

function droppable(stage: StageState): boolean {
  if (stage.stage.kind === "data" || stage.stage.isStored) return false;
  if (stage.dropped || stage.keep || stage.settled) return false;
  if (stage.finished === 0 || stage.unfinished > 0 || stage.invocations > 0) return false;
  if (stage.targets.size > 0 || stage.watchers.size > 0 || stage.busyReaders > 0) return false;
  for (const job of stage.jobs) {
    if (job.ended) continue;
    if (job.expanding > 0 || job.notBegun.targets.length + job.notBegun.watched.length > 0) {
      return false;
    }
  }
  return true;
}

function drop(state: ScheduleState, stage: StageState): void {
  const { states } = stage;
  for (let i = 0; i < states.length; i++) if (states[i] === done) states[i] = idle;
  stage.finished = 0;
  stage.dropped = true;
  for (const slot of stage.readers) forgetGates(slot);
  state.effects.push({ kind: "drop", stage: stage.stage.id });
}
