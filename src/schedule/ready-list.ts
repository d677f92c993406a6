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
  const heap = state.readyStages;
  for (;;) {
    const [stage] = heap;
    if (stage === undefined || readyCount(stage) > 0) return stage;
    stage.listed = false;
    const last = heap.pop();
    if (last === undefined || last === stage) continue;
    heap[0] = last;
    sink(heap, last);
  }
}

/** Sorts anew, after distances have changed. */
export function sortReadyStages(state: ScheduleState): void {
  state.readyStages.sort((a, b) => urgency(b, a));
}

function list(state: ScheduleState, stage: StageState): void {
  const heap = state.readyStages;
  stage.listed = true;
  let at = heap.push(stage) - 1;
  while (at > 0) {
    const above = (at - 1) >>> 1;
    const other = heap[above];
    if (other === undefined || urgency(other, stage) > 0) return;
    heap[at] = other;
    heap[above] = stage;
    at = above;
  }
}

/** Lets the first of the heap sink to its place. */
function sink(heap: StageState[], stage: StageState): void {
  for (let at = 0; ; ) {
    let below = 2 * at + 1;
    const left = heap[below];
    if (left === undefined) return;
    const right = heap[below + 1];
    if (right !== undefined && urgency(right, left) > 0) below++;
    const other = heap[below] ?? left;
    if (urgency(stage, other) > 0) return;
    heap[at] = other;
    heap[below] = stage;
    at = below;
  }
}
