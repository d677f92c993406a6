import { indexOfKey } from "../backend/chunk-key.ts";
import { type ChunkKey, parseContentName } from "../base/ids.ts";
import { undoTask } from "./finish.ts";
import { mendingsMax } from "./retry.ts";
import type { InvocationState, ScheduleState, StageState } from "./state.ts";
import { done, mending } from "./task-state.ts";
import { addUnfinished } from "./unfinished.ts";
import { Want } from "./want.ts";

/** A task that could not read a chunk. */
export interface BadInput {
  readonly invocation: InvocationState;
  readonly index: number;
  readonly key: ChunkKey;
  readonly corrupt: boolean;
}

/** Has a lost or corrupt input made again, and its reader wait for it; false if that has been tried often enough. */
export function mendInput(state: ScheduleState, bad: BadInput): boolean {
  const { invocation, index } = bad;
  const reader = invocation.stage;
  const producer = stageOfKey(state, bad.key);
  // Of a settled stage only copies are in the store.
  if (producer === undefined || producer.stage.kind === "data" || producer.settled) {
    return retryUnknown(state, bad);
  }
  const input = indexOfKey(bad.key);
  if (producer === reader && input === index) {
    // What lies under the task's own key is bad: it is moved aside, and the task runs again.
    if (!countMending(state, producer, input)) return false;
    setAside(state, producer, input);
    return true;
  }
  if (producer.states[input] === done && !isStale(producer, input, invocation)) {
    if (!countMending(state, producer, input)) return false;
    remake(state, producer, input, bad.corrupt);
  }
  new Want(state, undefined).settle(reader, index);
  return true;
}

/** Has a finished chunk made again; false if that has been tried often enough. */
export function remakeChunk(
  state: ScheduleState,
  stage: StageState,
  index: number,
  corrupt: boolean,
): boolean {
  if (!countMending(state, stage, index)) return false;
  remake(state, stage, index, corrupt);
  return true;
}

/** The bad chunk is out of the way: its task goes on. */
export function quarantined(state: ScheduleState, stage: StageState, index: number): void {
  if (stage.states[index] !== mending) return;
  new Want(state, undefined).settle(stage, index);
  // While it was being moved, its task could not be let go.
  state.doubtful.push(stage, index);
}

function remake(state: ScheduleState, stage: StageState, index: number, corrupt: boolean): void {
  undoTask(stage, index);
  if (!corrupt) {
    new Want(state, undefined).add(stage, index);
    return;
  }
  addUnfinished(stage);
  setAside(state, stage, index);
}

function setAside(state: ScheduleState, stage: StageState, index: number): void {
  stage.states[index] = mending;
  state.effects.push({ kind: "quarantine", stage: stage.stage.id, index });
}

/** A chunk that no stage makes again (captured data, a copy of one that is here): the attempt is simply repeated. */
function retryUnknown(state: ScheduleState, { invocation, index }: BadInput): boolean {
  const { stage } = invocation;
  const mended = stage.mendings.get(index) ?? { count: 0, validFrom: 0 };
  stage.mendings.set(index, mended);
  state.hasMended = true;
  if (++mended.count > mendingsMax) return false;
  new Want(state, undefined).settle(stage, index);
  return true;
}

/** True if the invocation began before the chunk was last made again: what it knows of the chunk is of the old one. */
export function isStale(stage: StageState, index: number, invocation: InvocationState): boolean {
  return invocation.id < (stage.mendings.get(index)?.validFrom ?? 0);
}

function countMending(state: ScheduleState, stage: StageState, index: number): boolean {
  const mended = stage.mendings.get(index) ?? { count: 0, validFrom: 0 };
  stage.mendings.set(index, mended);
  state.hasMended = true;
  mended.validFrom = state.nextInvocation;
  return ++mended.count <= mendingsMax;
}

/** The stage whose chunk lies under the key: `…/<name>/<block>/<index>`. */
function stageOfKey(state: ScheduleState, key: ChunkKey): StageState | undefined {
  const name = key.split("/").at(-3) ?? "";
  return /^[0-9a-f]{32}$/.test(name) ? state.names.get(parseContentName(name)) : undefined;
}
