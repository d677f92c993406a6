import { ReadySet } from "./ready-set.ts";
import type { ScheduleState, StageState } from "./state.ts";
import { ready } from "./task-state.ts";

/** Positive if `a` is more urgent: the user's priority, then closeness to a target, then the order of the plan. */
function urgency(a: StageState, b: StageState): number {
  const byPriority = a.stage.options.priority - b.stage.options.priority;
  if (byPriority !== 0) return byPriority;
  if (a.distance !== b.distance) return b.distance - a.distance;
  return b.order - a.order;
}

/** Lets a task be picked. */
export function makeReady(state: ScheduleState, stage: StageState, index: number): void {
  stage.states[index] = ready;
  const trouble = stage.troubles.size === 0 ? undefined : stage.troubles.get(index);
  if (trouble !== undefined && trouble.batchMax < Number.POSITIVE_INFINITY) {
    stage.suspects ??= new ReadySet(stage.stage.count);
    stage.suspects.add(index);
  } else stage.ready.add(index);
  if (!stage.listed) list(state, stage);
}

/** Takes a ready task back, because an input is gone or nobody wants it. */
export function takeBack(stage: StageState, index: number): void {
  stage.ready.delete(index);
  stage.suspects?.delete(index);
}

/** How many tasks of the stage may be picked. */
export function readyCount(stage: StageState): number {
  return stage.ready.size + (stage.suspects?.size ?? 0);
}

/** The most urgent stage with ready tasks. */
export function mostUrgent(state: ScheduleState): StageState | undefined {
  for (;;) {
    const stage = state.readyStages.at(-1);
    if (stage === undefined || readyCount(stage) > 0) return stage;
    state.readyStages.pop();
    stage.listed = false;
  }
}

/** Sorts anew, after distances have changed. */
export function sortReadyStages(state: ScheduleState): void {
  state.readyStages.sort(urgency);
}

function list(state: ScheduleState, stage: StageState): void {
  const { readyStages } = state;
  let low = 0;
  let high = readyStages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = readyStages[middle];
    if (other !== undefined && urgency(other, stage) < 0) low = middle + 1;
    else high = middle;
  }
  readyStages.splice(low, 0, stage);
  stage.listed = true;
}
