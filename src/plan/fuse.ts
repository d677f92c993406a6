import type { Step, StepArgument } from "../backend/program.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { formatBytes } from "../base/byte-size.ts";
import { nameOf } from "../base/content-name.ts";
import type { StageId } from "../base/ids.ts";
import type { BuildingSlot, BuildingStage } from "./building-stage.ts";
import { mergeAnnotations } from "./expr.ts";
import { readsSingle } from "./mapping.ts";
import { composeMappings, readsEachOnce } from "./mapping-compose.ts";
import { inputCountMax } from "./mapping-fits.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { Slot } from "./stage.ts";

/** Why a stage that is read one to one stayed apart from its reader. */
export interface FusionRefusal {
  readonly producer: StageId;
  readonly consumer: StageId;
  readonly reason: string;
}

/** What fusion must respect. */
export interface FusionRules {
  readonly options: PlanOptions;
  /** Somebody else wants these chunks: targets, stages whose manifests or chunks are needed later. */
  readonly kept: ReadonlySet<StageId>;
  countOf(stage: StageId): number;
  /** Its chunks may be streams, which only one step can read. */
  streams(stage: StageId): boolean;
  /** Projected peak of one task. */
  peakBytes(stage: BuildingStage): number;
  readonly peakBytesMax: number;
}

/** What came out: the stages that are left, in the same order, and why edges that look fusible were not fused. */
export interface Fused {
  readonly stages: readonly BuildingStage[];
  readonly refusals: readonly FusionRefusal[];
}

/** Takes producers into their only consumers where that repeats no work and fits. `stages` are in topological order. */
export function fuse(stages: readonly BuildingStage[], rules: FusionRules): Fused {
  const building = new Map(stages.map((stage) => [stage.id, stage]));
  const readers = readersOf(stages);
  for (const consumer of stages) {
    while (absorbOne(consumer, { building, readers, rules }));
  }
  const left = [...building.values()];
  const refusals = left.flatMap((consumer) => refusalsOf(consumer, { building, readers, rules }));
  return { stages: left, refusals };
}

interface Fusing {
  readonly building: Map<StageId, BuildingStage>;
  readonly readers: Map<StageId, Set<StageId>>;
  readonly rules: FusionRules;
}

function readersOf(stages: readonly BuildingStage[]): Map<StageId, Set<StageId>> {
  const readers = new Map<StageId, Set<StageId>>();
  for (const stage of stages) {
    for (const slot of stage.slots) {
      const known = readers.get(slot.stage);
      if (known === undefined) readers.set(slot.stage, new Set([stage.id]));
      else known.add(stage.id);
    }
  }
  return readers;
}

function absorbOne(consumer: BuildingStage, fusing: Fusing): boolean {
  for (const slot of consumer.slots) {
    const producer = fusing.building.get(slot.stage);
    if (producer === undefined || producer === consumer || !readsSingle(slot.mapping)) continue;
    if (whyNot(consumer, producer, fusing) !== undefined) continue;
    const whole = merged(consumer, producer, fusing.rules);
    if (whyTooBig(consumer, producer, { whole, rules: fusing.rules }) !== undefined) continue;
    Object.assign(consumer, whole);
    fusing.building.delete(producer.id);
    fusing.readers.delete(producer.id);
    for (const { stage } of producer.slots) {
      const readers = fusing.readers.get(stage);
      readers?.delete(producer.id);
      readers?.add(consumer.id);
    }
    return true;
  }
  return false;
}

function refusalsOf(consumer: BuildingStage, fusing: Fusing): FusionRefusal[] {
  const producers = new Set(
    consumer.slots.filter((slot) => readsSingle(slot.mapping)).map((slot) => slot.stage),
  );
  return [...producers].flatMap((id) => {
    const producer = fusing.building.get(id);
    if (producer === undefined || producer.kind === "data") return [];
    const whole = merged(consumer, producer, fusing.rules);
    const reason =
      whyNot(consumer, producer, fusing) ??
      whyTooBig(consumer, producer, { whole, rules: fusing.rules });
    return reason === undefined ? [] : [{ producer: id, consumer: consumer.id, reason }];
  });
}

/** Why `producer` cannot be taken into `consumer`; `undefined` if it can. */
function whyNot(
  consumer: BuildingStage,
  producer: BuildingStage,
  { readers, rules }: Fusing,
): string | undefined {
  const slots = consumer.slots.filter((slot) => slot.stage === producer.id);
  const mapping = slots[0]?.mapping;
  if (mapping === undefined || !slots.every((slot) => readsSingle(slot.mapping))) {
    return `it is read by ${slots.map((slot) => slot.mapping.kind).join(" and ")}, not one to one`;
  }
  if (!producer.fusible) return `a stage of kind ${producer.kind} gives its chunks to others`;
  if (!consumer.absorbs) return `a stage of kind ${consumer.kind} takes no other stage in`;
  if (rules.kept.has(producer.id)) return "its chunks are wanted for themselves";
  if (producer.store) return "its chunks go to the store";
  const others = (readers.get(producer.id)?.size ?? 0) - 1;
  if (others > 0) return `${others + 1} stages read it`;
  const mappings = new Set(slots.map((slot) => nameOf(slot.mapping)));
  if (mappings.size > 1) return "it is read in two orders at once";
  if (!readsEachOnce(mapping)) return "one of its chunks is read by several tasks";
  if (limitsOther(consumer, producer) || limitsOther(producer, consumer)) {
    return "only one of them has a time limit, which the other's functions would share";
  }
  return whyNotShaped(consumer, producer, slots);
}

/** True if functions without a limit of time would run under that of another. */
function limitsOther(limited: BuildingStage, other: BuildingStage): boolean {
  const { timeoutMs } = limited.annotations;
  return (
    timeoutMs !== undefined &&
    other.annotations.timeoutMs === undefined &&
    other.functions.length > 0
  );
}

function whyNotShaped(
  consumer: BuildingStage,
  producer: BuildingStage,
  slots: readonly Slot[],
): string | undefined {
  const mapping = slots[0]?.mapping ?? { kind: "one" };
  if (producer.slots.some((slot) => composeMappings(mapping, slot.mapping) === undefined)) {
    const inner = producer.slots.map((slot) => slot.mapping.kind).join(", ");
    return `no mapping says ${mapping.kind} after ${inner}`;
  }
  if (mapping.kind !== "one" && producer.usesIndex) return "it depends on its own index";
  if (producer.own !== undefined && (consumer.own !== undefined || mapping.kind !== "one")) {
    return "both have data of their own for each index";
  }
  const moved = producer.slots.length !== 1 || consumer.slots.length !== 1;
  const positioned = (slot: Slot): boolean => slot.positions === true;
  if (
    slots.some(positioned) ||
    (moved && [...consumer.slots, ...producer.slots].some(positioned))
  ) {
    return "it asks for the positions of its inputs";
  }
  if (producer.streams && readsOf(consumer, producer.id) > 1) {
    return "its output is a stream, and is read twice";
  }
  return undefined;
}

/** How many step arguments read the slots of a stage. */
function readsOf(consumer: BuildingStage, producer: StageId): number {
  let reads = 0;
  for (const { arguments: args } of consumer.steps) {
    for (const argument of args) {
      if ("input" in argument && consumer.slots[argument.input]?.stage === producer) reads++;
    }
  }
  return reads;
}

/** One-to-one chains are always fused while a worker holds them; several inputs while they stay few. */
function whyTooBig(
  consumer: BuildingStage,
  producer: BuildingStage,
  { whole, rules }: { whole: Merged; rules: FusionRules },
): string | undefined {
  const { options, countOf, peakBytes, peakBytesMax } = rules;
  const { slots } = whole;
  if (whole.steps.length > options.fuseStepsMax) {
    return `together they are ${whole.steps.length} steps, more than ${options.fuseStepsMax}`;
  }
  if (slots.length > Math.max(1, consumer.slots.length, producer.slots.length)) {
    const sources = new Set(slots.map((slot) => slot.stage)).size;
    if (sources > options.fuseSourcesMax) {
      return `together they read ${sources} stages, more than ${options.fuseSourcesMax}`;
    }
    const chunks = slots.reduce((n, s) => n + inputCountMax(s.mapping, countOf(s.stage)), 0);
    if (chunks > options.fuseInputsMax) {
      return `together one task reads ${chunks} chunks, more than ${options.fuseInputsMax}`;
    }
  }
  const peak = peakBytes({ ...consumer, ...whole });
  if (peak > peakBytesMax && Math.max(peakBytes(consumer), peakBytes(producer)) <= peakBytesMax) {
    return `together one task needs ${formatBytes(peak)}, and a worker has ${formatBytes(peakBytesMax)}`;
  }
  return undefined;
}

type Merged = Pick<
  BuildingStage,
  | "slots"
  | "steps"
  | "functions"
  | "own"
  | "pieces"
  | "annotations"
  | "nonce"
  | "impure"
  | "usesIndex"
>;

/** The consumer with the producer's steps before its own. */
function merged(consumer: BuildingStage, producer: BuildingStage, rules: FusionRules): Merged {
  const outer = consumer.slots.find((slot) => slot.stage === producer.id)?.mapping;
  const before = producer.steps.length;
  const moved = producer.slots.map((slot) => ({
    ...slot,
    mapping: (outer && composeMappings(outer, slot.mapping)) ?? slot.mapping,
  }));
  const join = joinSlots(consumer, { stage: producer.id, moved }, rules);
  const functions = joinFunctions(producer.functions, consumer.functions);
  const argument = (from: StepArgument): StepArgument => {
    if ("step" in from) return { step: from.step + before };
    const slot = join.consumerSlots[from.input];
    return slot === undefined ? { step: before - 1 } : { input: slot };
  };
  const producerArgument = (from: StepArgument): StepArgument =>
    "step" in from ? from : { input: join.producerSlots[from.input] ?? from.input };
  const steps = [
    ...(join.producerSlots.every((slot, i) => slot === i)
      ? producer.steps
      : producer.steps.map((step) => rewired(step, producerArgument, (f) => f))),
    ...consumer.steps.map((step) => rewired(step, argument, (f) => functions.moved[f] ?? f)),
  ];
  const later = consumer.pieces.map((piece) => ({ ...piece, lastStep: piece.lastStep + before }));
  return {
    slots: join.slots,
    steps,
    functions: functions.all,
    own: consumer.own ?? producer.own,
    pieces: [...producer.pieces, ...later],
    annotations: mergeAnnotations(producer.annotations, consumer.annotations),
    nonce: [producer.nonce, consumer.nonce].filter((nonce) => nonce !== "").join(","),
    impure: consumer.impure || producer.impure,
    usesIndex: consumer.usesIndex || producer.usesIndex,
  };
}

interface JoinedSlots {
  readonly slots: readonly BuildingSlot[];
  readonly producerSlots: readonly number[];
  /** New position of each slot of the consumer; `undefined` for slots that read the producer. */
  readonly consumerSlots: readonly (number | undefined)[];
}

/** Slots of both, the producer's where the consumer read it. Equal slots become one if several steps may read its chunks. */
function joinSlots(
  consumer: BuildingStage,
  producer: { readonly stage: StageId; readonly moved: readonly BuildingSlot[] },
  rules: FusionRules,
): JoinedSlots {
  const slots: BuildingSlot[] = [];
  const place = (slot: BuildingSlot): number => {
    const same = rules.streams(slot.stage)
      ? -1
      : slots.findIndex((known) => equalSlots(known, slot));
    const known = slots[same];
    if (known === undefined) return slots.push(slot) - 1;
    const broadcast = known.broadcast === true || slot.broadcast === true;
    slots[same] = { ...known, heldBytes: mostHeld(known, slot), ...(broadcast && { broadcast }) };
    return same;
  };
  const producerSlots: number[] = [];
  const consumerSlots = consumer.slots.map((slot) => {
    if (slot.stage !== producer.stage) return place(slot);
    if (producerSlots.length === 0) producerSlots.push(...producer.moved.map(place));
    return undefined;
  });
  return { slots, producerSlots, consumerSlots };
}

/** What an input takes that two steps read; `undefined`, all of it, if one of them does not say. */
function mostHeld(a: BuildingSlot, b: BuildingSlot): number | undefined {
  if (a.heldBytes === undefined || b.heldBytes === undefined) return undefined;
  return Math.max(a.heldBytes, b.heldBytes);
}

function equalSlots(a: Slot, b: Slot): boolean {
  return (
    a.stage === b.stage &&
    a.positions === b.positions &&
    (a.mapping === b.mapping || nameOf(a.mapping) === nameOf(b.mapping))
  );
}

function joinFunctions(
  first: readonly ShippedFunction[],
  second: readonly ShippedFunction[],
): { readonly all: readonly ShippedFunction[]; readonly moved: readonly number[] } {
  const all = [...first];
  const moved = second.map((shipped) => {
    const same = all.findIndex((known) => known.id === shipped.id);
    return same >= 0 ? same : all.push(shipped) - 1;
  });
  return { all, moved };
}

function rewired(
  step: Step,
  argument: (from: StepArgument) => StepArgument,
  position: (from: number) => number,
): Step {
  return {
    ...step,
    arguments: step.arguments.map(argument),
    ...(step.functions === undefined ? {} : { functions: step.functions.map(position) }),
  };
}
