import { isStale } from "./mend.ts";
import { freeSlots, submit } from "./pick.ts";
import { mostUrgent } from "./ready-list.ts";
import { speculationTasksMin } from "./stages.ts";
import type { InvocationState, ScheduleState } from "./state.ts";
import { running } from "./task-state.ts";

/**
 * Runs stragglers a second time on workers that have nothing else to do; whichever answers first counts. Gives the
 * time at which the next one will be old enough, or Infinity.
 */
export function speculate(state: ScheduleState): number {
  let nextMs = Number.POSITIVE_INFINITY;
  if (freeSlots(state) <= 0 || mostUrgent(state) !== undefined) return nextMs;
  for (const invocation of [...state.invocations.values()]) {
    if (!mayBeStraggler(invocation)) continue;
    const oldMs = invocation.startedMs + stragglerAgeMs(state, invocation);
    if (oldMs > state.nowMs) nextMs = Math.min(nextMs, oldMs);
    else if (freeSlots(state) > 0) backUp(state, invocation);
  }
  return nextMs;
}

function mayBeStraggler({ stage, backedUp }: InvocationState): boolean {
  const { finished, unfinished } = stage;
  // A second attempt beside the first would repeat effects without need.
  if (backedUp || stage.stage.options.impure) return false;
  if (finished + unfinished < speculationTasksMin) return false;
  return finished >= unfinished && stage.durations.meanMs !== undefined;
}

function stragglerAgeMs(state: ScheduleState, { stage, indexes }: InvocationState): number {
  const allowedMs = stage.durations.stragglerMs() * indexes.length;
  return Math.max(allowedMs, 2 * state.limits.invocationOverheadMs);
}

function backUp(state: ScheduleState, invocation: InvocationState): void {
  const { stage } = invocation;
  const indexes = invocation.indexes.filter(
    (index) => stage.states[index] === running && !isStale(stage, index, invocation),
  );
  if (indexes.length === 0) return;
  const backup = submit(state, stage, indexes);
  backup.twin = invocation;
  invocation.twin = backup;
  backup.backedUp = true;
  invocation.backedUp = true;
}
