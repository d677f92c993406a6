import { chunkKey, indexesPerBlock } from "../backend/chunk-key.ts";
import { unreachable } from "../base/assert.ts";
import { answered, trimmed } from "./answer.ts";
import type { Effect } from "./effect.ts";
import type { Moment, ScheduleEvent } from "./event.ts";
import { finishTask } from "./finish.ts";
import { addFragment, addJob, beginJob, endUnknown, stopJob } from "./jobs.ts";
import { dropUnneeded, releaseJob } from "./lifetimes.ts";
import { doubtPostponed, releaseIndex } from "./loose.ts";
import { quarantined, remakeChunk } from "./mend.ts";
import { pick } from "./pick.ts";
import { speculate } from "./speculate.ts";
import type { JobState, ScheduleLimits, ScheduleState, StageState } from "./state.ts";
import { endIndex, waitsFor } from "./targets.ts";
import { TaskStack } from "./task-stack.ts";
import { checking, done, failed, pausing } from "./task-state.ts";
import { tellWorkers } from "./tell-workers.ts";
import { doubtJob, letGoUnwanted } from "./unwanted.ts";
import { Want } from "./want.ts";

/** The machine before anything has happened. */
export function newSchedule(limits: ScheduleLimits): ScheduleState {
  return {
    limits,
    stages: new Map(),
    names: new Map(),
    jobs: new Map(),
    readyStages: [],
    invocations: new Map(),
    pauses: [],
    dropCandidates: new Set(),
    doubtful: new TaskStack(),
    postponed: new TaskStack(),
    orphans: new Map(),
    stopping: new Map(),
    endedJobs: new Set(),
    expansionsEnded: new Set(),
    chunksDone: new Map(),
    slots: 0,
    window: Number.POSITIVE_INFINITY,
    windowFrom: 0,
    nextInvocation: 1,
    hasMended: false,
    hasLoose: false,
    nextOrder: 0,
    sequence: 0,
    nowMs: 0,
    random: 0,
    wakeAtMs: Number.POSITIVE_INFINITY,
    effects: [],
  };
}

/** Takes in one event, changes the state and says what is to be done. Without clock, chance, promises or I/O. */
export function step(state: ScheduleState, event: ScheduleEvent, moment: Moment): Effect[] {
  state.nowMs = moment.nowMs;
  state.random = moment.random;
  state.effects = [];
  state.chunksDone.clear();
  takeEvent(state, event);
  endPauses(state);
  settleJobs(state);
  letGoUnwanted(state);
  tellWorkers(state);
  dropUnneeded(state);
  pick(state);
  arrangeWake(state, speculate(state));
  return state.effects;
}

function takeEvent(state: ScheduleState, event: ScheduleEvent): void {
  switch (event.kind) {
    case "slots":
      state.slots = event.slots;
      return;
    case "job-added":
      addJob(state, event);
      return;
    case "fragment-added":
      addFragment(state, event);
      return;
    case "begun":
      beginJob(state, event.job);
      return;
    case "answered":
      answered(state, event.invocation, event.outcome);
      return;
    case "trimmed":
      trimmed(state, event.invocation, event.from);
      return;
    case "listed":
      listed(state, event);
      return;
    case "quarantined": {
      const stage = state.stages.get(event.stage);
      if (stage !== undefined) quarantined(state, stage, event.index);
      return;
    }
    case "unreadable":
      unreadable(state, event);
      return;
    case "woken":
      state.wakeAtMs = Number.POSITIVE_INFINITY;
      return;
    case "refused":
    case "cancel":
    case "cancel-indexes":
    case "release-indexes":
    case "release":
      takeJobEvent(state, event);
      return;
    default:
      unreachable(event);
  }
}

type JobEvent = Extract<
  ScheduleEvent,
  { kind: "refused" | "cancel" | "cancel-indexes" | "release-indexes" | "release" }
>;

function takeJobEvent(state: ScheduleState, event: JobEvent): void {
  const job = state.jobs.get(event.job);
  if (job === undefined) return;
  switch (event.kind) {
    case "refused":
      stopJob(state, job, { kind: "refused" });
      return;
    case "cancel":
      stopJob(state, job, { kind: "cancelled" });
      return;
    case "cancel-indexes": {
      const target = job.targets.get(event.target);
      if (target === undefined) return;
      for (const index of event.indexes) {
        if (target.stage.states[index] === done || !waitsFor(target, index)) continue;
        endIndex(state, target, index, "cancelled");
        state.doubtful.push(target.stage, index);
      }
      return;
    }
    case "release-indexes": {
      const target = job.targets.get(event.target);
      if (target === undefined) return;
      for (const index of event.indexes) releaseIndex(state, target, index);
      return;
    }
    case "release":
      stopJob(state, job, { kind: "cancelled" });
      settleJobs(state);
      releaseJob(state, job);
      return;
    default:
      unreachable(event);
  }
}

function listed(state: ScheduleState, event: Extract<ScheduleEvent, { kind: "listed" }>): void {
  const stage = state.stages.get(event.stage);
  if (stage === undefined || !stage.listing.delete(event.block)) return;
  for (const index of event.present) {
    if (stage.states[index] !== checking) continue;
    stage.stored = true;
    finishTask(state, stage, index);
  }
  const first = event.block * indexesPerBlock;
  const end = Math.min(first + indexesPerBlock, stage.stage.count);
  // What this stage reads is looked for only if one of its jobs wants that.
  const want = new Want(state, lookingJob(stage));
  for (let index = first; index < end; index++) {
    if (stage.states[index] === checking) want.settle(stage, index);
  }
}

function lookingJob({ jobs }: StageState): JobState | undefined {
  for (const job of jobs) if (job.lookForChunks) return job;
  return undefined;
}

function unreadable(
  state: ScheduleState,
  event: Extract<ScheduleEvent, { kind: "unreadable" }>,
): void {
  const stage = state.stages.get(event.stage);
  if (stage === undefined) return;
  const { index } = event;
  const was = stage.states[index];
  if (was === done && !remakeChunk(state, stage, index, event.problem === "corrupt")) {
    failUnreadable(state, stage, index);
    return;
  }
  if (was === failed) {
    const failure = stage.failures.get(index)?.failure;
    state.effects.push({ kind: "recovered", stage: stage.stage.id, index, failure });
    return;
  }
  if (was !== done) new Want(state, undefined).add(stage, index);
  stage.recovering.add(index);
}

function failUnreadable(state: ScheduleState, stage: StageState, index: number): void {
  const { id, label, definedAt } = stage.stage;
  const attempts = stage.attempts[index] ?? 0;
  const key = chunkKey(stage.stage.name, index);
  const failure = { kind: "corrupt-input", key, detail: "bad each time it was made" } as const;
  const told = { stage: id, label, definedAt, index, attempts, poison: false, failure };
  state.effects.push({ kind: "recovered", stage: id, index, failure: told });
}

function endPauses(state: ScheduleState): void {
  const { pauses } = state;
  if (pauses.length === 0) return;
  let kept = 0;
  for (const pause of pauses.splice(0)) {
    if (pause.untilMs > state.nowMs) {
      pauses[kept++] = pause;
      continue;
    }
    const { stage } = pause;
    const want = new Want(state, undefined);
    for (const index of pause.indexes) {
      if (stage.states[index] === pausing) want.settle(stage, index);
    }
  }
}

/** Stops jobs that have to, and lets go what ended jobs alone wanted. Ends: a job is stopped once. */
function settleJobs(state: ScheduleState): void {
  for (const [job, end] of state.stopping) {
    state.stopping.delete(job);
    stopJob(state, job, end);
  }
  for (const job of state.expansionsEnded) endUnknown(state, job);
  state.expansionsEnded.clear();
  for (const job of state.endedJobs) {
    state.endedJobs.delete(job);
    doubtJob(state, job);
    doubtPostponed(state);
    for (const stage of job.stages) state.dropCandidates.add(stage);
  }
}

function arrangeWake(state: ScheduleState, speculationMs: number): void {
  let atMs = speculationMs;
  for (const pause of state.pauses) atMs = Math.min(atMs, pause.untilMs);
  if (atMs >= state.wakeAtMs) return;
  state.wakeAtMs = atMs;
  state.effects.push({ kind: "wake", atMs });
}
