import { makeInvocationId } from "../base/ids.ts";
import { mostUrgent, readyCount } from "./ready-list.ts";
import type { InvocationState, ScheduleState, StageState } from "./state.ts";
import { running } from "./task-state.ts";

/** A batch should keep a worker busy this long, or ten times what an invocation costs. */
const batchTargetMs = 250;
/** The largest batch: a reply's objects must not become a burden. */
const batchTasksMax = 10_000;
/** What a task's answer takes in a reply, besides its result. */
const replyTaskBytes = 256;
/** A batch is at most this many times the largest one that was answered. */
const batchGrowth = 8;
/** Batches per slot that what is ready should be good for, so that no worker runs dry at the end. */
const batchesPerSlot = 2;

/** Submits tasks, most urgent first, while there are free slots. */
export function pick(state: ScheduleState): void {
  while (freeSlots(state) > 0) {
    const stage = mostUrgent(state);
    if (stage === undefined) return;
    submit(state, stage, takeBatch(state, stage));
  }
}

/** Invocations that may be started now. */
export function freeSlots(state: ScheduleState): number {
  return Math.min(state.slots, Math.floor(state.window)) - state.invocations.size;
}

/** Sends tasks, which are marked as running, to a worker. */
export function submit(
  state: ScheduleState,
  stage: StageState,
  indexes: readonly number[],
): InvocationState {
  const attempts = new Array<number>(indexes.length);
  for (let at = 0; at < indexes.length; at++) {
    const index = indexes[at] ?? 0;
    const attempt = Math.min(65_535, (stage.attempts[index] ?? 0) + 1);
    stage.attempts[index] = attempt;
    stage.states[index] = running;
    attempts[at] = attempt;
  }
  const id = makeInvocationId(state.nextInvocation++);
  const invocation: InvocationState = {
    id,
    stage,
    indexes,
    answered: new Uint8Array(indexes.length),
    unanswered: indexes.length,
    startedMs: state.nowMs,
    twin: undefined,
    backedUp: false,
  };
  state.invocations.set(id, invocation);
  stage.invocations++;
  const timeoutMs = timeoutOf(state, stage);
  const { id: stageId } = stage.stage;
  state.effects.push({
    kind: "invoke",
    invocation: id,
    stage: stageId,
    indexes,
    attempts,
    timeoutMs,
  });
  return invocation;
}

function timeoutOf(state: ScheduleState, stage: StageState): number | undefined {
  const { invocationMsMax } = state.limits;
  return (
    stage.stage.options.timeoutMs ??
    (Number.isFinite(invocationMsMax) ? invocationMsMax : undefined)
  );
}

function takeBatch(state: ScheduleState, stage: StageState): number[] {
  if ((stage.suspects?.size ?? 0) > 0) return takeSuspects(stage);
  const size = Math.min(batchSize(state, stage), stage.ready.size);
  const indexes = new Array<number>(size);
  for (let at = 0; at < size; at++) {
    const index = stage.ready.first();
    stage.ready.delete(index);
    indexes[at] = index;
  }
  return indexes;
}

/** Suspects go first, in batches that none of them forbids. */
function takeSuspects(stage: StageState): number[] {
  const { suspects } = stage;
  const indexes: number[] = [];
  let most = stage.batchMax;
  for (;;) {
    const index = suspects?.first() ?? -1;
    if (index < 0) return indexes;
    const allowed = Math.min(most, stage.troubles.get(index)?.batchMax ?? 1);
    if (indexes.length >= allowed && indexes.length > 0) return indexes;
    most = allowed;
    suspects?.delete(index);
    indexes.push(index);
  }
}

function batchSize(state: ScheduleState, stage: StageState): number {
  const meanMs = stage.durations.meanMs;
  // A deadline is one task's: it can only be kept alone.
  if (stage.stage.options.timeoutMs !== undefined || meanMs === undefined) return 1;
  const taskMs = Math.max(meanMs, 0.001);
  const { invocationOverheadMs } = state.limits;
  const byTime = Math.ceil(Math.max(batchTargetMs, 10 * invocationOverheadMs) / taskMs);
  const fair = Math.ceil(readyCount(stage) / Math.max(1, state.slots * batchesPerSlot));
  const worthwhile = Math.ceil(invocationOverheadMs / taskMs);
  return Math.max(
    1,
    Math.min(
      byTime,
      Math.max(fair, worthwhile),
      batchGrowth * Math.max(1, stage.batchAnswered),
      stage.batchMax,
      Math.floor(state.limits.payloadBytesMax / (stage.inlineBytesMax + replyTaskBytes)),
      batchTasksMax,
    ),
  );
}
