import type { Failure } from "../backend/failure.ts";
import type { InvocationOutcome, TaskResult } from "../backend/task.ts";
import { assert, unreachable } from "../base/assert.ts";
import type { InvocationId } from "../base/ids.ts";
import type { TaskFailure } from "./driver.ts";
import { failTask } from "./fail.ts";
import { finishTask } from "./finish.ts";
import { isStale, mendInput } from "./mend.ts";
import { quiet } from "./quiet.ts";
import { type Cure, cureFor, noTrouble } from "./retry.ts";
import type { InvocationState, JobState, ScheduleState, StageState } from "./state.ts";
import { stopLater } from "./targets.ts";
import { done, failed, idle, orphaned, pausing, running } from "./task-state.ts";
import { tellLoser } from "./tell-workers.ts";
import { Want } from "./want.ts";

/** Takes in what became of an invocation. Unknown ones were answered before: duplicates and zombies do nothing. */
export function answered(state: ScheduleState, id: InvocationId, outcome: InvocationOutcome): void {
  const invocation = state.invocations.get(id);
  if (invocation === undefined) return;
  const { stage } = invocation;
  state.invocations.delete(id);
  stage.invocations--;
  let at = 0;
  for (const result of outcome.results) {
    at = position(invocation, result.index, at);
    if (at < 0 || invocation.answered[at] === 1) continue;
    invocation.answered[at] = 1;
    invocation.unanswered--;
    takeResult(state, invocation, result);
  }
  if (invocation.unanswered > 0) takeLoss(state, invocation, lossOf(outcome));
  if (outcome.kind === "answered") {
    stage.batchAnswered = Math.max(stage.batchAnswered, invocation.indexes.length);
    if (state.window < state.slots) state.window += 1 / state.window;
  }
  if (invocation.twin !== undefined) {
    tellLoser(state, invocation.twin);
    invocation.twin.twin = undefined;
  }
  if (stage.unfinished === 0) quiet(state, stage);
}

/** Puts back the tasks that did not fit into the invocation's message. */
export function trimmed(state: ScheduleState, id: InvocationId, from: number): void {
  const invocation = state.invocations.get(id);
  if (invocation === undefined) return;
  assert(from > 0, "an invocation was trimmed to nothing");
  invocation.stage.batchMax = Math.min(invocation.stage.batchMax, from);
  for (let at = from; at < invocation.indexes.length; at++) {
    if (invocation.answered[at] === 1) continue;
    invocation.answered[at] = 1;
    invocation.unanswered--;
    const index = invocation.indexes[at] ?? 0;
    if (runsElsewhere(invocation, index)) continue;
    uncount(invocation.stage, index);
    goOn(state, invocation.stage, index);
  }
}

function lossOf(outcome: InvocationOutcome): Failure {
  return outcome.kind === "lost"
    ? outcome.failure
    : { kind: "worker-lost", detail: "the worker's reply left tasks out" };
}

/** Where in the invocation the index stands; replies nearly always keep the order, so look at `from` first. */
function position(invocation: InvocationState, index: number, from: number): number {
  const { indexes } = invocation;
  if (indexes[from] === index) return from;
  if (indexes[from + 1] === index) return from + 1;
  return indexes.indexOf(index);
}

function takeResult(state: ScheduleState, invocation: InvocationState, result: TaskResult): void {
  const { stage } = invocation;
  const { index } = result;
  const before = stage.states[index];
  // A backup that was left over when its chunk went bad answers for an object that may have been moved aside since.
  if (before === done || before === failed || isStale(stage, index, invocation)) return;
  if (result.status === "failed") {
    takeFailure(state, invocation, index, { failure: result.failure, suspects: 1 });
    return;
  }
  const { inline } = result.output;
  if (inline === undefined) stage.stored = true;
  else if (inline.byteLength > stage.inlineBytesMax) stage.inlineBytesMax = inline.byteLength;
  const { readMs, runMs, writeMs } = result.measures;
  stage.durations.add(readMs + runMs + writeMs);
  finishTask(state, stage, index);
}

function takeLoss(state: ScheduleState, invocation: InvocationState, failure: Failure): void {
  const suspects = invocation.unanswered;
  for (let at = 0; at < invocation.indexes.length; at++) {
    if (invocation.answered[at] === 1) continue;
    const index = invocation.indexes[at] ?? 0;
    takeFailure(state, invocation, index, { failure, suspects });
  }
}

function takeFailure(
  state: ScheduleState,
  invocation: InvocationState,
  index: number,
  { failure, suspects }: { readonly failure: Failure; readonly suspects: number },
): void {
  const { stage } = invocation;
  if (isStale(stage, index, invocation)) return;
  const twin = runsElsewhere(invocation, index) ? invocation.twin : undefined;
  if (stage.states[index] === orphaned && twin === undefined) stage.states[index] = idle;
  if (stage.states[index] !== running) return;
  const trouble = stage.troubles.get(index) ?? noTrouble();
  stage.troubles.set(index, trouble);
  const { retries, impure = false } = stage.stage.options;
  // An attempt that failed has failed, whether or not its twin still runs.
  const cure = cureFor(failure, trouble, { retries, impure, suspects, random: state.random });
  if (twin !== undefined) {
    if (cure.kind !== "give-up" && cure.kind !== "stop-jobs") {
      leaveToTwin(state, invocation, index, cure);
      return;
    }
    markAnswered(twin, index);
  }
  if (cure.kind === "again") {
    const attempt = stage.attempts[index] ?? 0;
    const id = stage.stage.id;
    state.effects.push({ kind: "retried", stage: id, index, attempt, failure: failure.kind });
  }
  applyCure(state, invocation, index, { failure, cure });
}

/** The twin still runs the task, so it needs no other attempt yet. */
function leaveToTwin(
  state: ScheduleState,
  invocation: InvocationState,
  index: number,
  cure: Cure,
): void {
  if (cure.kind === "slow-down") slowDown(state, invocation);
  if (cure.kind === "slow-down" || cure.kind === "requeue") uncount(invocation.stage, index);
}

/** Whatever the invocation will say of the task does not count any more. */
function markAnswered(invocation: InvocationState, index: number): void {
  invocation.answered[position(invocation, index, 0)] = 1;
  invocation.unanswered--;
}

function applyCure(
  state: ScheduleState,
  invocation: InvocationState,
  index: number,
  { failure, cure }: { readonly failure: Failure; readonly cure: Cure },
): void {
  const { stage } = invocation;
  switch (cure.kind) {
    case "again":
      pause(state, stage, index, cure.pauseMs);
      return;
    case "requeue":
      uncount(stage, index);
      goOn(state, stage, index);
      return;
    case "slow-down":
      uncount(stage, index);
      slowDown(state, invocation);
      pause(state, stage, index, cure.pauseMs);
      return;
    case "mend":
      if (mendInput(state, { invocation, index, key: cure.key, corrupt: cure.corrupt })) return;
      giveUp(state, stage, index, { failure, poison: false });
      return;
    case "give-up":
      giveUp(state, stage, index, { failure, poison: cure.poison });
      return;
    case "stop-jobs": {
      const told = giveUp(state, stage, index, { failure, poison: false });
      for (const job of jobsNeeding(stage)) {
        stopLater(state, job, { kind: "failed", failure: told });
      }
      return;
    }
    default:
      unreachable(cure);
  }
}

/** Jobs that use the stage, or one that reads it. */
function jobsNeeding(stage: StageState): Set<JobState> {
  const jobs = new Set<JobState>();
  // A set gives what is added to it on the way too.
  const stages = new Set([stage]);
  for (const next of stages) {
    for (const job of next.jobs) jobs.add(job);
    for (const { consumer } of next.readers) stages.add(consumer);
  }
  return jobs;
}

/** True if the invocation's twin still runs the task. */
function runsElsewhere({ twin }: InvocationState, index: number): boolean {
  if (twin === undefined) return false;
  const at = position(twin, index, 0);
  return at >= 0 && twin.answered[at] === 0;
}

function giveUp(
  state: ScheduleState,
  stage: StageState,
  index: number,
  { failure, poison }: { readonly failure: Failure; readonly poison: boolean },
): TaskFailure {
  const { id, label, definedAt } = stage.stage;
  const attempts = stage.attempts[index] ?? 0;
  const told = { stage: id, label, definedAt, index, attempts, poison, failure };
  state.effects.push({ kind: "failed", failure: told });
  failTask(state, stage, index, told);
  return told;
}

/** Attempts that never ran do not count. */
function uncount(stage: StageState, index: number): void {
  stage.attempts[index] = Math.max(0, (stage.attempts[index] ?? 0) - 1);
}

function pause(state: ScheduleState, stage: StageState, index: number, ms: number): void {
  if (ms <= 0) {
    goOn(state, stage, index);
    return;
  }
  stage.states[index] = pausing;
  const untilMs = state.nowMs + ms;
  const last = state.pauses.at(-1);
  // Tasks lost together pause together: one entry, however many.
  if (last?.stage === stage && last.untilMs === untilMs) last.indexes.push(index);
  else state.pauses.push({ untilMs, stage, indexes: [index] });
}

function goOn(state: ScheduleState, stage: StageState, index: number): void {
  if (stage.states[index] === orphaned) stage.states[index] = idle;
  else new Want(state, undefined).settle(stage, index);
}

/** Halves the number of invocations at once; throttles of those sent before the last halving are its echo. */
function slowDown(state: ScheduleState, invocation: InvocationState): void {
  if (invocation.id < state.windowFrom) return;
  const now = Math.min(state.window, state.invocations.size + 1);
  state.window = Math.max(1, Math.floor(now / 2));
  state.windowFrom = state.nextInvocation;
}
