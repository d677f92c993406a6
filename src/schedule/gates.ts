import type { InputMapping } from "../plan/mapping.ts";
import type { SlotState } from "./state.ts";
import { isUnfinished } from "./task-state.ts";

/**
 * Mappings in which whole groups of consumers read the very same chunks. Counting those per consumer would cost
 * producers × consumers; a gate per group costs producers + consumers.
 */
type GatedMapping = Extract<InputMapping, { kind: "all" | "part" | "combined" }>;

/** The mapping, if its consumers stand behind gates. */
export function gated(mapping: InputMapping): GatedMapping | undefined {
  const { kind } = mapping;
  return kind === "all" || kind === "part" || kind === "combined" ? mapping : undefined;
}

/** How many gates a slot has. */
export function gateCount(mapping: GatedMapping, consumerCount: number): number {
  if (mapping.kind === "all") return 1;
  if (mapping.kind === "part") return mapping.groups;
  return Math.ceil(consumerCount / mapping.fine);
}

/** The gate that consumer `index` stands behind. */
export function gateOfConsumer(mapping: InputMapping, index: number): number {
  if (mapping.kind === "part") return index % mapping.groups;
  if (mapping.kind === "combined") return Math.floor(index / mapping.fine);
  return 0;
}

/** The gate that chunk `index` of the producer belongs to, or −1 if nobody reads it. */
export function gateOfProducer(slot: SlotState, index: number): number {
  const { mapping } = slot;
  let gate = 0;
  if (mapping.kind === "part") gate = Math.floor(index / mapping.span);
  else if (mapping.kind === "combined") gate = Math.floor(index / mapping.groups);
  return gate < (slot.gates?.length ?? 0) ? gate : -1;
}

/** A consumer that stands behind the gate. */
export function firstConsumer(mapping: InputMapping, gate: number): number {
  if (mapping.kind === "part") return gate;
  return mapping.kind === "combined" ? gate * mapping.fine : 0;
}

/** True if a consumer behind the gate is wanted and has not ended. */
export function gateInUse({ mapping, consumer }: SlotState, gate: number): boolean {
  if (consumer.unfinished === 0 || mapping.kind === "all") return consumer.unfinished > 0;
  const first = firstConsumer(mapping, gate);
  const step = mapping.kind === "part" ? mapping.groups : 1;
  const count = consumer.stage.count;
  const end = mapping.kind === "combined" ? Math.min(count, first + mapping.fine) : count;
  for (let index = first; index < end; index += step) {
    if (isUnfinished(consumer.states[index] ?? 0)) return true;
  }
  return false;
}

/** Forgets what is known of a slot's gates: the next one that wants them counts anew. */
export function forgetGates(slot: SlotState): void {
  slot.gates?.fill(-1);
  slot.gatesWanted?.fill(0);
}
