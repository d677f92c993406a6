import type { StageState } from "./state.ts";

/** Counts one more task of the stage that is wanted and has not ended. */
export function addUnfinished(stage: StageState): void {
  stage.unfinished++;
  if (stage.unfinished > 1) return;
  for (const slot of stage.slots) {
    const { producer } = slot;
    producer.listeners.add(slot);
    if (producer !== stage) producer.busyReaders++;
  }
}

/** Counts one less. */
export function removeUnfinished(stage: StageState): void {
  stage.unfinished--;
  if (stage.unfinished > 0) return;
  for (const slot of stage.slots) {
    const { producer, gates } = slot;
    if (gates === undefined) producer.listeners.delete(slot);
    if (producer !== stage) producer.busyReaders--;
  }
}
