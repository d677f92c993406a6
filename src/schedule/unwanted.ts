import { forEachIndex } from "../plan/index-set.ts";
import { forEachInput } from "../plan/mapping-inputs.ts";
import { readsLoose, readsMended } from "./finish.ts";
import { firstConsumer, gateInUse, gateOfConsumer } from "./gates.ts";
import { dropLoose } from "./loose.ts";
import { quiet } from "./quiet.ts";
import { isReadNow } from "./read-now.ts";
import { takeBack } from "./ready-list.ts";
import type { JobState, ScheduleState, SlotState, StageState } from "./state.ts";
import { doubtStage, waitsFor } from "./targets.ts";
import {
  done,
  failed,
  idle,
  isUnfinished,
  mending,
  orphaned,
  ready,
  running,
} from "./task-state.ts";
import { removeUnfinished } from "./unfinished.ts";

/** Has all that an ended job asked for itself looked at: perhaps nobody else wants it. */
export function doubtJob(state: ScheduleState, job: JobState): void {
  for (const { stage, indexes } of job.targets.values()) {
    if (stage.unfinished === 0) continue;
    forEachIndex(indexes, stage.stage.count, (index) => state.doubtful.push(stage, index));
  }
  for (const stage of job.stages) {
    if (stage.watchers.delete(job)) doubtStage(state, stage);
  }
}

/**
 * Lets go of the doubtful tasks that nobody wants, and so on down: whatever a task that is let go or has failed would
 * have read is doubtful too. Costs as much as there is to let go, however many other tasks and jobs there are.
 */
export function letGoUnwanted(state: ScheduleState): void {
  const { doubtful } = state;
  const left: Gate[] = [];
  for (;;) {
    const task = doubtful.pop();
    if (task !== undefined) {
      if (letGo(state, task.stage, task.index)) doubtInputs(state, task.stage, task.index, left);
      continue;
    }
    // Gates last: by then all consumers that can be let go have been.
    const gate = left.pop();
    if (gate === undefined) return;
    doubtGate(state, gate);
  }
}

/** A gate that one consumer less stands behind. */
interface Gate {
  readonly slot: SlotState;
  readonly gate: number;
}

/** True if the task wants nothing now: nobody wants it, or it has ended while its inputs were made again or are loose. */
function letGo(state: ScheduleState, stage: StageState, index: number): boolean {
  const before = stage.states[index] ?? idle;
  if (before === done) {
    if (stage.loose.size > 0 && stage.loose.has(index)) dropLoose(state, stage, index);
    return readsMended(state, stage) || readsLoose(state, stage);
  }
  if (before === failed) return true;
  // What is being moved aside goes on when that is over.
  if (!isUnfinished(before) || before === mending || isWanted(stage, index)) return false;
  if (before === ready) takeBack(stage, index);
  if (before === running) orphan(state, stage, index);
  else stage.states[index] = idle;
  removeUnfinished(stage);
  if (stage.unfinished === 0) quiet(state, stage);
  return true;
}

function orphan(state: ScheduleState, stage: StageState, index: number): void {
  stage.states[index] = orphaned;
  const orphans = state.orphans.get(stage);
  if (orphans === undefined) state.orphans.set(stage, new Set([index]));
  else orphans.add(index);
}

/** True if a target, an expansion, a reader in this process or an unfinished task waits for the task. */
export function isWanted(stage: StageState, index: number): boolean {
  if (stage.watchers.size > 0 || stage.recovering.has(index)) return true;
  for (const target of stage.openTargets) if (waitsFor(target, index)) return true;
  return isReadNow(stage, index);
}

function doubtInputs(state: ScheduleState, stage: StageState, index: number, left: Gate[]): void {
  for (const slot of stage.slots) {
    if (slot.gates === undefined) doubtProducers(state, slot, index);
    else left.push({ slot, gate: gateOfConsumer(slot.mapping, index) });
  }
}

function doubtGate(state: ScheduleState, { slot, gate }: Gate): void {
  if (slot.gatesWanted?.[gate] !== 1 || gateInUse(slot, gate)) return;
  // Who wants it next asks for its chunks anew.
  slot.gatesWanted[gate] = 0;
  doubtProducers(state, slot, firstConsumer(slot.mapping, gate));
}

function doubtProducers(state: ScheduleState, slot: SlotState, index: number): void {
  const { producer, mapping } = slot;
  if (producer.unfinished + producer.loose.size === 0) return;
  forEachInput(mapping, index, producer.stage.count, (input) => {
    const isLoose = producer.loose.has(input);
    if (isLoose || isUnfinished(producer.states[input] ?? idle)) {
      state.doubtful.push(producer, input);
    }
  });
}
