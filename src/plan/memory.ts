import { formatBytes } from "../base/byte-size.ts";
import { LambdaskError } from "../base/errors.ts";
import type { StageId } from "../base/ids.ts";
import type { BuildingStage, Piece } from "./building-stage.ts";
import type { ElasticMemory } from "./lower-context.ts";
import { readsParts } from "./mapping.ts";
import { inputCountMax } from "./mapping-fits.ts";
import type { PlanLimits } from "./plan-request.ts";
import type { MemoryClass, MemoryProjection, Slot } from "./stage.ts";

/**
 * What reading and writing take besides the chunk itself, as a share of it: buffers, and bytes not yet collected.
 * Measured on the local backend.
 */
const copiesWhile = { reading: 0.25, writing: 0.25 } as const;

/** What the projection asks about stages that a slot names. */
export interface ProducerFacts {
  countOf(stage: StageId): number;
  /** Bytes of the largest chunk, if a bound is known. */
  chunkBytesOf(stage: StageId): number | undefined;
}

/**
 * Projected peak of one task: reserved + inputs and their copies + the most that one piece of the fused chain needs
 * beside the results of others that are still to be read + the output and its copy + what streams leave behind, as far
 * as there is room. What the user declared for functions of unknown need replaces the sum; where nothing was declared,
 * a worker's whole memory stands for it, or what operations say of themselves if that is more.
 */
export function projectMemory(
  stage: BuildingStage,
  facts: ProducerFacts,
  limits: PlanLimits,
): MemoryProjection {
  const reserved = limits.reservedMemoryBytes;
  const held = stage.slots.map((slot) => slot.heldBytes ?? heldBytes(slot, facts));
  const inputs = held.map((bytes) => (bytes ?? 0) * (1 + copiesWhile.reading));
  const output = (stage.pieces.at(-1)?.memory?.output ?? 0) * (1 + copiesWhile.writing);
  const memoryClass = classOf(stage.pieces, held.includes(undefined));
  const rest = reserved + sumOf(inputs) + output;
  const declared = stage.annotations.memoryBytes;
  let total: number;
  if (memoryClass !== "declared") {
    const sum = rest + workingBytes(stage);
    const room = limits.workerMemoryBytes - sum;
    total = Math.max(sum + elasticBytes(stage.pieces, room), reserved + (declared ?? 0));
  } else if (declared === undefined) {
    // Of inputs only what operations say that they hold: of the others nobody knows how much is held at once.
    const said = sumOf(stage.slots.map((slot) => slot.heldBytes ?? 0)) * (1 + copiesWhile.reading);
    const known = reserved + said + output + workingBytes(stage) + elasticBytes(stage.pieces, 0);
    total = Math.max(limits.workerMemoryBytes, known);
  } else {
    total = reserved + declared;
  }
  const operation = Math.max(0, total - rest);
  return { class: memoryClass, reserved, inputs, operation, output, total };
}

/** What the streams of a fused chain leave behind where there is `room`: the most that one of them does. */
function elasticBytes(pieces: readonly Piece[], room: number): number {
  const stated = pieces.map(({ memory }) => memory?.elastic ?? rigid);
  const least = Math.max(...stated.map((elastic) => elastic.least));
  const most = Math.max(...stated.map((elastic) => elastic.most)) + (stated.at(-1)?.writing ?? 0);
  return Math.max(least, Math.min(most, room));
}

const rigid: ElasticMemory = { least: 0, most: 0, writing: 0 };

function sumOf(terms: readonly number[]): number {
  return terms.reduce((sum, bytes) => sum + bytes, 0);
}

/** An OUT_OF_MEMORY error with the sum term by term if the projected peak is over a worker's memory. */
export function checkMemory(
  stage: BuildingStage,
  memory: MemoryProjection,
  { facts, limits }: { readonly facts: ProducerFacts; readonly limits: PlanLimits },
): void {
  if (memory.total <= limits.workerMemoryBytes) return;
  const label = stage.pieces.map((piece) => piece.label).join(" → ");
  const terms = [
    `${formatBytes(memory.reserved)} reserved`,
    ...memory.inputs.map((bytes, slot) => `${formatBytes(bytes)} input ${slot + 1}`),
    `${formatBytes(memory.operation)} operation`,
    `${formatBytes(memory.output)} output`,
  ];
  const free = limits.workerMemoryBytes - memory.reserved;
  const factor = free / (memory.total - memory.reserved);
  const inputChunks = stage.slots.map((slot) => facts.chunkBytesOf(slot.stage) ?? 0);
  const largest = Math.max(stage.chunkBytes ?? 0, ...inputChunks);
  const fits = Math.floor(largest * factor);
  throw new LambdaskError("OUT_OF_MEMORY", {
    message:
      `${label}: one task needs ${formatBytes(memory.total)} and a worker has ` +
      `${formatBytes(limits.workerMemoryBytes)}: ${terms.join(" + ")}`,
    fix:
      memory.class === "declared" && stage.annotations.memoryBytes !== undefined
        ? "declare less memory for the work, or give workers more"
        : fits >= 1
          ? `use chunks of at most ${formatBytes(fits)} (now ${formatBytes(largest)}), or give workers more memory`
          : "give workers more memory",
    data: { stage: label, ...memory, limit: limits.workerMemoryBytes, chunkBytesThatFit: fits },
  });
}

/** Bytes of one slot's chunks if all are held; `undefined` if no bound is known. */
function heldBytes(slot: Slot, facts: ProducerFacts): number | undefined {
  const chunkBytes = facts.chunkBytesOf(slot.stage);
  if (chunkBytes === undefined || readsParts(slot.mapping)) return undefined;
  return chunkBytes * inputCountMax(slot.mapping, facts.countOf(slot.stage));
}

function classOf(pieces: readonly Piece[], inputsUnknown: boolean): MemoryClass {
  const classes = pieces.map((piece) => piece.memory?.class ?? "declared");
  if (classes.includes("declared") || inputsUnknown) return "declared";
  return classes.includes("bounded") ? "bounded" : "exact";
}

/**
 * The most that a piece needs beside the earlier results that it or a later piece still reads. Results that were let
 * go of by the piece before count too: they may not have been collected yet.
 */
function workingBytes(stage: BuildingStage): number {
  const lastReads = lastReadsOf(stage);
  const freedAt = new Map<number, number>();
  let live = 0;
  let freed = 0;
  let most = 0;
  let firstStep = 0;
  for (const [at, piece] of stage.pieces.entries()) {
    const isLast = at + 1 === stage.pieces.length;
    const result = isLast ? 0 : (piece.memory?.output ?? 0);
    most = Math.max(most, live + freed + (piece.memory?.operation ?? 0) + result);
    live += result;
    const lastRead = lastReads[piece.lastStep] ?? 0;
    freedAt.set(lastRead, (freedAt.get(lastRead) ?? 0) + result);
    freed = 0;
    for (let step = firstStep; step <= piece.lastStep; step++) freed += freedAt.get(step) ?? 0;
    live -= freed;
    firstStep = piece.lastStep + 1;
  }
  return most;
}

/** Per step, the last step that reads its result. */
function lastReadsOf(stage: BuildingStage): number[] {
  const lastReads = stage.steps.map(() => 0);
  for (const [at, step] of stage.steps.entries()) {
    for (const argument of step.arguments) if ("step" in argument) lastReads[argument.step] = at;
  }
  return lastReads;
}
