import type { InvocationState, ScheduleState } from "./state.ts";
import { done, failed } from "./task-state.ts";

/** Has workers told which tasks they run for nobody since this step. */
export function tellWorkers(state: ScheduleState): void {
  const { orphans, invocations } = state;
  if (orphans.size === 0) return;
  for (const invocation of invocations.values()) {
    const indexes = orphans.get(invocation.stage);
    if (indexes !== undefined) tell(state, invocation, (index) => indexes.has(index));
  }
  orphans.clear();
}

/** Has the worker told whose twin was faster. */
export function tellLoser(state: ScheduleState, invocation: InvocationState): void {
  const { states } = invocation.stage;
  tell(state, invocation, (index) => states[index] === done || states[index] === failed);
}

function tell(
  state: ScheduleState,
  { id, indexes, answered }: InvocationState,
  isUnwanted: (index: number) => boolean,
): void {
  const unwanted = indexes.filter((index, at) => answered[at] === 0 && isUnwanted(index));
  if (unwanted.length === 0) return;
  state.effects.push({ kind: "unwanted", invocation: id, indexes: unwanted });
}
