import type { StageId } from "../base/ids.ts";
import { RareMap, RareSet } from "../base/rare.ts";
import type { InputMapping } from "../plan/mapping.ts";
import { inputCount } from "../plan/mapping-inputs.ts";
import type { Slot, Stage } from "../plan/stage.ts";
import { Durations } from "./durations.ts";
import { gateCount, gated } from "./gates.ts";
import { Listeners } from "./listeners.ts";
import { ReadySet } from "./ready-set.ts";
import type { ScheduleState, SlotState, StageState } from "./state.ts";
import { done } from "./task-state.ts";

/** From this many tasks on a stage has backups, and so needs quantiles. */
export const speculationTasksMin = 10;

/** Takes a stage into the machine; `find` gives the stages that its slots name. */
export function addStage(
  state: ScheduleState,
  stage: Stage,
  find: (id: StageId) => StageState,
): StageState {
  const { count } = stage;
  const given = stage.kind === "data";
  const added: StageState = {
    stage,
    order: state.nextOrder++,
    slots: [],
    readers: new RareSet(),
    listeners: new Listeners(),
    busyReaders: 0,
    states: new Uint8Array(count),
    attempts: new Uint16Array(given ? 0 : count),
    missing: missingCounters(stage, find),
    ready: new ReadySet(given ? 0 : count),
    suspects: undefined,
    troubles: new RareMap(),
    mendings: new RareMap(),
    failures: new RareMap(),
    listing: new RareSet(),
    recovering: new RareSet(),
    loose: new RareSet(),
    jobs: new Set(),
    targets: new Set(),
    openTargets: new Set(),
    watchers: new RareSet(),
    durations: new Durations(count >= speculationTasksMin),
    unfinished: 0,
    finished: 0,
    invocations: 0,
    distance: Number.POSITIVE_INFINITY,
    listed: false,
    batchAnswered: 0,
    batchMax: Number.POSITIVE_INFINITY,
    inlineBytesMax: 0,
    keep: false,
    dropped: false,
    stored: false,
    settled: false,
  };
  if (given) {
    added.states.fill(done);
    added.finished = count;
  }
  for (const slot of stage.slots) {
    const producer = slot.stage === stage.id ? added : find(slot.stage);
    const made = slotState(slot, producer, added);
    added.slots.push(made);
    producer.readers.add(made);
    if (made.gates !== undefined) producer.listeners.add(made);
  }
  state.stages.set(stage.id, added);
  state.names.set(stage.name, added);
  return added;
}

/** Takes a stage none of whose tasks is wanted out of the machine. */
export function removeStage(state: ScheduleState, stage: StageState): void {
  detach(stage);
  state.stages.delete(stage.stage.id);
  state.names.delete(stage.stage.name);
  state.effects.push({ kind: "remove", stage: stage.stage.id, keep: stage.keep });
}

/** Has a stage none of whose tasks is wanted read nothing any more. */
export function detach(stage: StageState): void {
  for (const slot of stage.slots.splice(0)) {
    slot.producer.readers.delete(slot);
    slot.producer.listeners.delete(slot);
  }
}

function slotState(slot: Slot, producer: StageState, consumer: StageState): SlotState {
  const mapping = gated(slot.mapping);
  if (mapping === undefined) {
    const { mapping: plain } = slot;
    return { producer, consumer, mapping: plain, gates: undefined, gatesWanted: undefined };
  }
  const gates = gateCount(mapping, consumer.stage.count);
  return {
    producer,
    consumer,
    mapping,
    gates: new Int32Array(gates).fill(-1),
    gatesWanted: new Uint8Array(gates),
  };
}

/** Bytes where no task can miss more than 255 inputs, as nearly always; else whole numbers. */
function missingCounters(stage: Stage, find: (id: StageId) => StageState): Uint8Array | Int32Array {
  if (stage.kind === "data") return new Uint8Array(0);
  let most = 0;
  for (const slot of stage.slots) {
    const producers = slot.stage === stage.id ? stage.count : find(slot.stage).stage.count;
    most += mostInputs(slot.mapping, stage.count, producers);
  }
  return most <= 255 ? new Uint8Array(stage.count) : new Int32Array(stage.count);
}

function mostInputs(mapping: InputMapping, count: number, producers: number): number {
  if (gated(mapping) !== undefined) return 1;
  if (mapping.kind === "one" || mapping.kind === "shifted" || mapping.kind === "grid") return 1;
  if (mapping.kind === "group") return mapping.size;
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, inputCount(mapping, i, producers));
  return most;
}
