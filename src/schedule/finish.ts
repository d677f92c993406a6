import { forEachDependent } from "../plan/mapping-dependents.ts";
import { gateOfProducer } from "./gates.ts";
import { quiet } from "./quiet.ts";
import { makeReady, takeBack } from "./ready-list.ts";
import type { ScheduleState, SlotState, StageState } from "./state.ts";
import { targetsDone, targetsUndone } from "./targets.ts";
import { done, idle, isUnfinished, ready, waiting } from "./task-state.ts";
import { removeUnfinished } from "./unfinished.ts";

/** Marks a task as done and lets its readers go on. */
export function finishTask(state: ScheduleState, stage: StageState, index: number): void {
  const before = stage.states[index] ?? idle;
  if (before === ready) takeBack(stage, index);
  stage.states[index] = done;
  stage.finished++;
  if (isUnfinished(before)) {
    removeUnfinished(stage);
    // Told before the ends of targets and jobs. What an earlier run had done ends nothing.
    const ends = stage.unfinished === 0;
    if (ends) state.effects.push({ kind: "stage-finished", stage: stage.stage.id });
  }
  if (stage.troubles.size > 0) stage.troubles.delete(index);
  if (stage.mendings.size > 0) {
    const mending = stage.mendings.get(index);
    if (mending !== undefined) mending.validFrom = state.nextInvocation;
  }
  for (const slot of stage.listeners.of(index)) tellReaders(state, slot, index);
  if (stage.targets.size > 0) {
    noteChunk(state, stage, index);
    targetsDone(state, stage, index);
  }
  if (stage.recovering.size > 0 && stage.recovering.delete(index)) {
    state.effects.push({
      kind: "recovered",
      stage: stage.stage.id,
      index,
      failure: undefined,
    });
  }
  // It may have been the last to want an input that is being made again, or that nobody holds any more.
  if (readsMended(state, stage) || readsLoose(state, stage)) state.doubtful.push(stage, index);
  if (stage.loose.size > 0 && stage.loose.has(index)) state.doubtful.push(stage, index);
  if (stage.unfinished === 0) stageDone(state, stage);
}

/** True if something that the stage reads was made again. */
export function readsMended(state: ScheduleState, { slots }: StageState): boolean {
  return state.hasMended && slots.some(({ producer }) => producer.mendings.size > 0);
}

/** True if some result that the stage may read is held by nobody. */
export function readsLoose(state: ScheduleState, { slots }: StageState): boolean {
  return state.hasLoose && slots.some(({ producer }) => producer.loose.size > 0);
}

/** Takes back that a task is done: its chunk is gone. It is nobody's any more until it is wanted again. */
export function undoTask(stage: StageState, index: number): void {
  stage.states[index] = idle;
  stage.finished--;
  targetsUndone(stage, index);
  for (const slot of stage.listeners.of(index)) holdReaders(slot, index);
}

/** Asks for the expansions that wait for a stage, once all of it is done. */
export function tellWatchers(state: ScheduleState, stage: StageState): void {
  if (stage.finished < stage.stage.count) return;
  for (const job of stage.watchers) {
    stage.watchers.delete(job);
    state.effects.push({ kind: "expand", job: job.id, stage: stage.stage.id });
  }
}

function stageDone(state: ScheduleState, stage: StageState): void {
  quiet(state, stage);
  if (stage.watchers.size > 0) tellWatchers(state, stage);
}

/** One effect per stage and step, however many chunks. */
function noteChunk(state: ScheduleState, stage: StageState, index: number): void {
  let indexes = state.chunksDone.get(stage);
  if (indexes === undefined) {
    indexes = [];
    state.chunksDone.set(stage, indexes);
    state.effects.push({ kind: "chunks-done", stage: stage.stage.id, indexes });
  }
  indexes.push(index);
}

function tellReaders(state: ScheduleState, slot: SlotState, index: number): void {
  const { consumer, mapping, gates } = slot;
  // The two mappings of nearly all mass work go without a callback.
  if (mapping.kind === "one") {
    if (index < consumer.stage.count) release(state, consumer, index);
    return;
  }
  if (mapping.kind === "group") {
    const reader = Math.floor(index / mapping.size);
    if (reader < consumer.stage.count) release(state, consumer, reader);
    return;
  }
  if (gates !== undefined) {
    const gate = gateOfProducer(slot, index);
    const closed = gate < 0 ? -1 : (gates[gate] ?? -1);
    if (closed <= 0) return;
    gates[gate] = closed - 1;
    if (closed > 1) return;
  }
  forEachReader(slot, index, (reader) => release(state, consumer, reader));
}

function release(state: ScheduleState, stage: StageState, index: number): void {
  if (stage.states[index] !== waiting) return;
  const missing = (stage.missing[index] ?? 0) - 1;
  stage.missing[index] = missing;
  if (missing === 0) makeReady(state, stage, index);
}

function holdReaders(slot: SlotState, index: number): void {
  const { consumer, gates } = slot;
  if (gates !== undefined) {
    const gate = gateOfProducer(slot, index);
    const closed = gate < 0 ? -1 : (gates[gate] ?? -1);
    if (closed < 0) return;
    gates[gate] = closed + 1;
    if (closed > 0) return;
  }
  forEachReader(slot, index, (reader) => hold(consumer, reader));
}

function hold(stage: StageState, index: number): void {
  const state = stage.states[index];
  if (state === ready) {
    takeBack(stage, index);
    stage.states[index] = waiting;
  } else if (state !== waiting) return;
  stage.missing[index] = (stage.missing[index] ?? 0) + 1;
}

function forEachReader(slot: SlotState, index: number, visit: (reader: number) => void): void {
  const producerCount = slot.producer.stage.count;
  const consumerCount = slot.consumer.stage.count;
  forEachDependent(slot.mapping, index, { producerCount, consumerCount }, visit);
}
