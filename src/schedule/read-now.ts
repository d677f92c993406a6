import { forEachDependent } from "../plan/mapping-dependents.ts";
import { gateInUse, gateOfProducer } from "./gates.ts";
import type { SlotState, StageState } from "./state.ts";
import { idle, isUnfinished } from "./task-state.ts";

/** True if an unfinished task reads the chunk. */
export function isReadNow(stage: StageState, index: number): boolean {
  for (const slot of stage.listeners.of(index)) if (readersWait(slot, index)) return true;
  return false;
}

function readersWait(slot: SlotState, index: number): boolean {
  const { consumer, gates, mapping } = slot;
  if (consumer.unfinished === 0) return false;
  if (gates !== undefined) {
    const gate = gateOfProducer(slot, index);
    return gate >= 0 && gateInUse(slot, gate);
  }
  const producerCount = slot.producer.stage.count;
  const consumerCount = consumer.stage.count;
  let waits = false;
  forEachDependent(mapping, index, { producerCount, consumerCount }, (reader) => {
    waits ||= isUnfinished(consumer.states[reader] ?? idle);
  });
  return waits;
}
