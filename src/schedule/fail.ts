import { forEachDependent } from "../plan/mapping-dependents.ts";
import type { TaskFailure } from "./driver.ts";
import { quiet } from "./quiet.ts";
import { takeBack } from "./ready-list.ts";
import type { ScheduleState, StageState } from "./state.ts";
import { targetsFailed, watchFailed } from "./targets.ts";
import { done, failed, idle, isUnfinished, orphaned, ready, waiting } from "./task-state.ts";

/** Fails a task for good, and with it everything wanted that depends on it. */
export function failTask(
  state: ScheduleState,
  stage: StageState,
  index: number,
  failure: TaskFailure,
): void {
  const stages = [stage];
  const indexes = [index];
  for (;;) {
    const nextStage = stages.pop();
    const nextIndex = indexes.pop();
    if (nextStage === undefined || nextIndex === undefined) return;
    if (!failOne(state, nextStage, nextIndex, failure)) continue;
    for (const { consumer, mapping } of nextStage.readers) {
      const producerCount = nextStage.stage.count;
      const consumerCount = consumer.stage.count;
      forEachDependent(mapping, nextIndex, { producerCount, consumerCount }, (dependent) => {
        if (consumer.states[dependent] !== waiting) return;
        stages.push(consumer);
        indexes.push(dependent);
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
  if (isUnfinished(before)) stage.unfinished--;
  targetsFailed(state, stage, index, failure);
  for (const job of stage.watchers) watchFailed(state, stage, job, failure);
  if (stage.recovering.delete(index)) {
    state.effects.push({ kind: "recovered", stage: stage.stage.id, index, failure });
  }
  if (stage.unfinished === 0) quiet(state, stage);
  return true;
}
