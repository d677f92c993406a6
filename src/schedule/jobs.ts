import { assert, present } from "../base/assert.ts";
import type { StageId } from "../base/ids.ts";
import { RareMap, RareSet } from "../base/rare.ts";
import { forEachIndex, indexCount } from "../plan/index-set.ts";
import type { TargetEnd } from "./effect.ts";
import type { ScheduleEvent } from "./event.ts";
import { finishTask, tellWatchers } from "./finish.ts";
import { doubtLeft, doubtPostponed } from "./loose.ts";
import { sortReadyStages } from "./ready-list.ts";
import { addStage } from "./stages.ts";
import type { JobState, ScheduleState, StageState, TargetState } from "./state.ts";
import { countDown, endJob, endPosition, endTarget, targetFailed, watchFailed } from "./targets.ts";
import { done, failed, idle } from "./task-state.ts";
import { Want } from "./want.ts";

type EventOf<Kind extends ScheduleEvent["kind"]> = Extract<ScheduleEvent, { kind: Kind }>;

/** Takes in a job; its fragments follow. */
export function addJob(state: ScheduleState, event: EventOf<"job-added">): void {
  state.jobs.set(event.job, {
    id: event.job,
    sequence: state.sequence++,
    onError: event.onError,
    lookForChunks: event.lookForChunks,
    keep: event.keep,
    ownNames: event.ownNames ?? false,
    targetCount: event.targetCount,
    endedInputs: event.endedInputs,
    stages: new Set(),
    aliases: new RareMap(),
    targets: new Map(),
    notBegun: { targets: [], watched: [] },
    expanding: 0,
    watchFailure: undefined,
    endedPositions: new Set(),
    outcome: "done",
    ended: false,
  });
}

/** Takes in stages and targets; equal stages that are there already are shared. */
export function addFragment(state: ScheduleState, event: EventOf<"fragment-added">): void {
  const job = jobOf(state, event.job);
  if (event.expanded) job.expanding--;
  if (job.ended) return;
  const find = (id: StageId): StageState => stageOf(state, job, id);
  for (const stage of event.fragment.stages) {
    const same = state.stages.get(stage.id) ?? state.names.get(stage.name);
    if (same !== undefined) job.aliases.set(stage.id, same);
    adopt(job, same ?? addStage(state, stage, find));
  }
  for (const [id, indexes] of event.recalled) recall(state, find(id), indexes);
  for (const { position, stage, indexes } of event.fragment.targets) {
    addTarget(job, find(stage), { position, indexes });
  }
  for (const id of event.fragment.watched) {
    const stage = find(id);
    adopt(job, stage);
    job.expanding++;
    job.notBegun.watched.push(stage);
  }
  measureDistances(state, job);
}

/** Asks for what the job's new targets and watched stages need. */
export function beginJob(state: ScheduleState, id: number): void {
  const job = state.jobs.get(id);
  doubtPostponed(state);
  if (job === undefined || job.ended) return;
  const { targets, watched } = job.notBegun;
  job.notBegun.targets = [];
  job.notBegun.watched = [];
  const want = new Want(state, job);
  for (const stage of watched) beginWatching(state, job, stage, want);
  for (const target of targets) beginTarget(state, want, target);
  if (job.expanding === 0) endUnknown(state, job);
}

/** Ends targets that no expansion will make known any more. */
export function endUnknown(state: ScheduleState, job: JobState): void {
  if (job.ended || job.expanding > 0 || job.notBegun.targets.length > 0) return;
  if (job.targetCount === 0) endJob(state, job);
  for (let position = 0; position < job.targetCount; position++) {
    if (job.targets.has(position) || job.endedPositions.has(position)) continue;
    const failure = job.watchFailure;
    assert(failure !== undefined, `target ${position} of job ${job.id} never became known`);
    endPosition(state, job, position, { kind: "failed", failure });
  }
}

/** Ends every target that has not ended. */
export function stopJob(state: ScheduleState, job: JobState, end: TargetEnd): void {
  if (job.ended) return;
  const outcome = end.kind === "failed" ? end.failure : "cancelled";
  for (const target of job.targets.values()) {
    if (target.ended) continue;
    const { states } = target.stage;
    forEachIndex(target.indexes, states.length, (index) => {
      if (states[index] === done || target.without.has(index)) return;
      target.without.add(index);
      // What a refusal ends has no end of its own: the outcome has the error.
      if (end.kind === "refused") return;
      const { position } = target;
      state.effects.push({ kind: "chunk-ended", job: job.id, target: position, index, outcome });
    });
    endTarget(state, target, end);
  }
  for (let position = 0; position < job.targetCount; position++) {
    if (!job.endedPositions.has(position)) endPosition(state, job, position, end);
  }
  endJob(state, job);
}

/** The job with this id. */
function jobOf(state: ScheduleState, id: number): JobState {
  return present(state.jobs.get(id), `job ${id}`);
}

/** The stage that a job's plan calls `id`. */
function stageOf(state: ScheduleState, job: JobState, id: StageId): StageState {
  return present(job.aliases.get(id) ?? state.stages.get(id), `stage ${id}`);
}

/**
 * Makes the job a user of a stage that it names and of what that reads: fragments to come may name these too. What lies
 * further below is kept by its readers: visiting it for each job would make a chain of futures cost its length squared.
 */
function adopt(job: JobState, stage: StageState): void {
  use(job, stage);
  for (const { producer } of stage.slots) use(job, producer);
}

function use(job: JobState, stage: StageState): void {
  job.stages.add(stage);
  stage.jobs.add(job);
  if (job.keep === "all") stage.keep = true;
}

function recall(state: ScheduleState, stage: StageState, indexes: readonly number[]): void {
  for (const index of indexes) {
    if (stage.states[index] === idle) finishTask(state, stage, index);
  }
}

function addTarget(
  job: JobState,
  stage: StageState,
  { position, indexes }: Pick<TargetState, "position" | "indexes">,
): void {
  adopt(job, stage);
  if (job.keep !== "none") stage.keep = true;
  const remaining = indexCount(indexes, stage.stage.count);
  const target: TargetState = {
    job,
    position,
    stage,
    indexes,
    remaining,
    without: new RareSet(),
    released: new RareSet(),
    failure: undefined,
    ended: false,
  };
  job.targets.set(position, target);
  job.notBegun.targets.push(target);
}

function beginTarget(state: ScheduleState, want: Want, target: TargetState): void {
  const { job, position, stage, indexes } = target;
  const { count } = stage.stage;
  doubtLeft(state, stage);
  stage.targets.add(target);
  stage.openTargets.add(target);
  if (target.remaining === 0) endTarget(state, target, { kind: "done" });
  const ended = job.endedInputs.get(stage.stage.id);
  const there: number[] = [];
  forEachIndex(indexes, count, (index) => {
    if (target.without.has(index)) return;
    if (stage.states[index] === done && !ended?.has(index)) there.push(index);
  });
  if (there.length > 0) {
    const only = { job: job.id, target: position };
    state.effects.push({ kind: "chunks-done", stage: stage.stage.id, indexes: there, only });
    for (const _ of there) countDown(state, target);
  }
  forEachIndex(indexes, count, (index) => {
    if (target.without.has(index)) return;
    want.add(stage, index);
    // What failed before this fragment came fails its targets; what fails from now on is told by `failTask`.
    const record = stage.states[index] === failed ? stage.failures.get(index) : undefined;
    const failure = ended?.get(index) ?? record?.failure;
    if (failure !== undefined) targetFailed(state, target, index, failure);
  });
}

function beginWatching(state: ScheduleState, job: JobState, stage: StageState, want: Want): void {
  stage.watchers.add(job);
  for (let i = 0; i < stage.stage.count; i++) want.add(stage, i);
  const [first] = stage.failures.values();
  if (first !== undefined) watchFailed(state, stage, job, first.failure);
  tellWatchers(state, stage);
}

/** Steps from the stages below the job's new targets to the nearest target; what is closer runs first. */
function measureDistances(state: ScheduleState, job: JobState): void {
  const { targets, watched } = job.notBegun;
  const changed = new Set<StageState>();
  for (const stage of [...targets.map((target) => target.stage), ...watched]) {
    if (stage.distance > 0) changed.add(stage);
    stage.distance = 0;
  }
  let listed = false;
  // Breadth first, so nearly always each stage once; where a distance is known already, so is what is below.
  for (const stage of changed) {
    listed ||= stage.listed;
    changed.delete(stage);
    for (const { producer } of stage.slots) {
      if (producer.distance <= stage.distance + 1) continue;
      producer.distance = stage.distance + 1;
      changed.add(producer);
    }
  }
  if (listed) sortReadyStages(state);
}
