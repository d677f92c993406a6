import { forEachIndex } from "../plan/index-set.ts";
import { forgetGates } from "./gates.ts";
import { quiet } from "./quiet.ts";
import { removeStage } from "./stages.ts";
import type { JobState, ScheduleState, StageState } from "./state.ts";
import { done, idle, isUnfinished, mending, orphaned, running } from "./task-state.ts";
import { Want } from "./want.ts";

/**
 * Forgets what only ended jobs or cancelled indexes wanted. Nobody counts who wants a task, so everything unfinished
 * in the jobs' stages, and in those of jobs that share them, is let go and then asked for again by who still wants it.
 */
export function sweep(state: ScheduleState, from: JobState): void {
  const { jobs, stages } = connected(from);
  for (const stage of stages) letGo(stage);
  for (const job of jobs) {
    if (job.ended) continue;
    const want = new Want(state, job);
    for (const target of job.targets) {
      if (target.ended || job.notBegun.targets.includes(target)) continue;
      forEachIndex(target.indexes, target.stage.stage.count, (index) => {
        if (!target.without.has(index)) want.add(target.stage, index);
      });
    }
    for (const stage of stages) {
      if (!stage.watchers.has(job)) continue;
      for (let i = 0; i < stage.stage.count; i++) want.add(stage, i);
    }
  }
  for (const stage of stages) {
    // A client that waits for a chunk to be made again wants it, whatever became of its job.
    for (const index of stage.recovering) new Want(state, undefined).add(stage, index);
    if (stage.unfinished === 0) quiet(state, stage);
  }
}

/** Ends a job's claim on its stages; those of nobody go. */
export function releaseJob(state: ScheduleState, job: JobState): void {
  state.jobs.delete(job.id);
  for (const stage of job.stages) {
    stage.jobs.delete(job);
    stage.watchers.delete(job);
    for (let at = stage.targets.length - 1; at >= 0; at--) {
      if (stage.targets[at]?.job === job) stage.targets.splice(at, 1);
    }
    if (stage.jobs.size === 0) removeIfUnused(state, stage);
    else state.dropCandidates.add(stage);
  }
}

/**
 * Removes a stage that no job uses, and what only it has read, unless a worker still writes its chunks: then its last
 * answer does. What it reads stays as long as it does: a new job may take it up again.
 */
export function removeIfUnused(state: ScheduleState, stage: StageState): void {
  if (stage.jobs.size > 0 || stage.invocations > 0) return;
  if (state.stages.get(stage.stage.id) !== stage) return;
  if (stage.readers.some(({ consumer }) => consumer !== stage)) return;
  removeStage(state, stage);
  for (const { producer } of stage.slots) if (producer !== stage) removeIfUnused(state, producer);
}

/** Drops the results of stages whose readers have all committed and that no target or fragment to come needs. */
export function dropUnneeded(state: ScheduleState): void {
  for (const stage of state.dropCandidates) if (droppable(stage)) drop(state, stage);
  state.dropCandidates.clear();
}

function droppable(stage: StageState): boolean {
  if (stage.stage.kind === "data" || stage.dropped || stage.keep) return false;
  if (stage.finished === 0 || stage.unfinished > 0 || stage.invocations > 0) return false;
  if (stage.targets.length > 0 || stage.watchers.size > 0 || stage.jobs.size === 0) return false;
  for (const job of stage.jobs) {
    if (job.expanding > 0 && !job.ended) return false;
    if (job.notBegun.targets.length + job.notBegun.watched.length > 0 && !job.ended) return false;
  }
  return stage.readers.every(({ consumer }) => consumer === stage || consumer.unfinished === 0);
}

function drop(state: ScheduleState, stage: StageState): void {
  const { states } = stage;
  for (let i = 0; i < states.length; i++) if (states[i] === done) states[i] = idle;
  stage.finished = 0;
  stage.dropped = true;
  for (const slot of stage.readers) forgetGates(slot);
  state.effects.push({ kind: "drop", stage: stage.stage.id });
}

/** All jobs and stages that hang together with the job by shared stages. */
function connected(from: JobState): { jobs: Set<JobState>; stages: Set<StageState> } {
  const jobs = new Set([from]);
  const stages = new Set<StageState>();
  // Sets are visited in order of insertion, additions included: this is a breadth-first search.
  for (const job of jobs) {
    for (const stage of job.stages) {
      if (stages.has(stage)) continue;
      stages.add(stage);
      for (const other of stage.jobs) jobs.add(other);
    }
  }
  return { jobs, stages };
}

function letGo(stage: StageState): void {
  const { states } = stage;
  if (stage.unfinished > 0) {
    for (let i = 0; i < states.length; i++) {
      const state = states[i] ?? idle;
      if (!isUnfinished(state) || state === mending) continue;
      states[i] = state === running ? orphaned : idle;
      stage.unfinished--;
    }
  }
  stage.ready.clear();
  stage.suspects?.clear();
  for (const slot of stage.slots) slot.gatesWanted?.fill(0);
}
