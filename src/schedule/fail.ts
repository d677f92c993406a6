import { forEachDependent } from "../plan/mapping-dependents.ts";
import type { TaskFailure } from "./driver.ts";
import { quiet } from "./quiet.ts";
import { takeBack } from "./ready-list.ts";
import type { ScheduleState, StageState } from "./state.ts";
import { targetsFailed, watchFailed } from "./targets.ts";
import { TaskStack } from "./task-stack.ts";
import { done, failed, idle, isUnfinished, orphaned, ready, waiting } from "./task-state.ts";
import { removeUnfinished } from "./unfinished.ts";

/** Fails a task for good, and with it everything wanted that depends on it. */
export function failTask(
  state: ScheduleState,
  stage: StageState,
  index: number,
  failure: TaskFailure,
): void {
  const failing = new TaskStack<StageState>();
  failing.push(stage, index);
  for (let next = failing.pop(); next !== undefined; next = failing.pop()) {
    if (!failOne(state, next.stage, next.index, failure)) continue;
    const producerCount = next.stage.stage.count;
    for (const { consumer, mapping } of next.stage.listeners.of(next.index)) {
      const consumerCount = consumer.stage.count;
      forEachDependent(mapping, next.index, { producerCount, consumerCount }, (dependent) => {
        if (consumer.states[dependent] !== waiting) return;
        failing.push(consumer, dependent);
      });
    }
  }
}

function failOne(
  state: ScheduleState,
  stage: StageState,
  index: number,
  failure: TaskFailure,
): boolean {
  const before = stage.states[index] ?? idle;
  if (before === done || before === failed || before === idle) return false;
  if (before === orphaned) {
    stage.states[index] = idle;
    return false;
  }
  if (before === ready) takeBack(stage, index);
  stage.states[index] = failed;
  stage.failures.set(index, { failure, sequence: state.sequence++ });
  if (isUnfinished(before)) removeUnfinished(stage);
  // What else it would have read may be nobody's now.
  state.doubtful.push(stage, index);
  targetsFailed(state, stage, index, failure);
  for (const job of stage.watchers) watchFailed(state, stage, job, failure);
  if (stage.recovering.delete(index)) {
    state.effects.push({ kind: "recovered", stage: stage.stage.id, index, failure });
  }
  if (stage.unfinished === 0) quiet(state, stage);
  return true;
}
