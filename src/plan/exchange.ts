import type { Step, StepArgument } from "../backend/program.ts";
import { LambdaskError } from "../base/errors.ts";
import type { Layout, LowerContext, StageDraft } from "./lower-context.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { Slot, StageManifest } from "./stage.ts";

/**
 * An all-to-all exchange. The draft's last step gives `Partitioned` of `parts` pieces. Up to some parts, part p of
 * every producer goes straight to consumer p. With more, producers write few coarse parts, each holding `fine` pieces
 * as encoded; combiners gather what a group of producers wrote for one coarse part and lay it out again by piece,
 * copying bytes only: no user code runs, and nothing is decoded, before the consumer.
 */
export interface ExchangeDraft
  extends Omit<StageDraft, "kind" | "parts" | "layout" | "fusible" | "streams"> {
  readonly parts: number;
  /** What decides which piece a record goes to, if it is chosen while planning: boundaries, a count. */
  readonly layout: unknown;
}

/** Where a consumer finds its parts: consumer i reads part i. */
export interface Exchange {
  readonly parts: number;
  /** For the consumer's stage: the pieces of its part, in order of producer. */
  readonly slot: Slot;
  /** The stage whose manifest measures the parts. */
  readonly measured: Layout;
  /** Of a two-stage exchange: producers, pieces per coarse part, and combiners per coarse part. */
  readonly stages:
    | { readonly producers: number; readonly fine: number; readonly groups: number }
    | undefined;
}

/** Names of the kernels of two-stage exchanges. */
const exchangeKernelNames = {
  coarsen: "exchange.coarsen",
  regroup: "exchange.regroup",
  open: "exchange.open",
} as const;

/** How an exchange is cut. */
interface Shape {
  readonly coarse: number;
  readonly fine: number;
  readonly groups: number;
  readonly span: number;
}

/** Adds the stages of an exchange up to, not including, its consumer. */
export function emitExchange(context: LowerContext, draft: ExchangeDraft): Exchange {
  const { count: producers, parts } = draft;
  const { directPartsMax, directTransfersMax } = context.options;
  if (parts <= directPartsMax && producers * parts <= directTransfersMax) {
    const layout = emitProducers(context, draft, parts);
    const mapping = { kind: "part", groups: 1, span: Math.max(1, producers) } as const;
    return { parts, slot: { stage: layout.stage, mapping }, measured: layout, stages: undefined };
  }
  const shape = twoStageShape(producers, parts);
  const transfers = producers * shape.coarse + shape.groups * parts;
  if (transfers > directTransfersMax) throw tooManyTransfers(draft, transfers, directTransfersMax);
  return emitTwoStages(context, draft, shape);
}

/** About a square root of the parts for producers to write, and of the producers for combiners to read. */
function twoStageShape(producers: number, parts: number): Shape {
  const fine = Math.ceil(Math.sqrt(parts));
  const span = Math.max(1, Math.ceil(Math.sqrt(producers)));
  return {
    coarse: Math.ceil(parts / fine),
    fine,
    groups: Math.max(1, Math.ceil(producers / span)),
    span,
  };
}

function emitProducers(
  context: LowerContext,
  draft: ExchangeDraft,
  writtenParts: number,
  coarsen: readonly Step[] = [],
): Layout {
  return context.emit({
    ...draft,
    kind: "exchange",
    steps: [...draft.steps, ...coarsen],
    parts: writtenParts,
    layout: { parts: draft.parts, writtenParts, by: draft.layout },
  });
}

function emitTwoStages(context: LowerContext, draft: ExchangeDraft, shape: Shape): Exchange {
  const { coarse, fine, groups, span } = shape;
  const { parts } = draft;
  const coarsen: Step = {
    operation: exchangeKernelNames.coarsen,
    arguments: [{ step: draft.steps.length - 1 }],
    params: { coarse, fine },
  };
  const producers = emitProducers(context, draft, coarse, [coarsen]);
  const combined = context.emit({
    role: `${draft.role}/combine`,
    kind: "exchange",
    label: `${draft.label}: combine`,
    count: coarse * groups,
    slots: [{ stage: producers.stage, mapping: { kind: "part", groups, span } }],
    steps: [
      { operation: exchangeKernelNames.regroup, arguments: [{ input: 0 }], params: { fine } },
    ],
    functions: [],
    parts: fine,
    layout: { parts, ...shape },
    ordered: true,
  });
  return {
    parts,
    slot: { stage: combined.stage, mapping: { kind: "combined", fine, groups } },
    measured: combined,
    stages: { producers: draft.count, fine, groups },
  };
}

/**
 * Steps of a consumer that reads exchanges through its first slots, in order: `steps` says what it does with the lists
 * of pieces, given where they are and the position of its own first step.
 */
export function stepsOver(
  exchanges: readonly Exchange[],
  steps: (pieces: readonly StepArgument[], first: number) => readonly Step[],
): Step[] {
  const opening: Step[] = [];
  const pieces = exchanges.map((exchange, input): StepArgument => {
    if (exchange.stages === undefined) return { input };
    const { producers } = exchange.stages;
    const params = { producers };
    opening.push({ operation: exchangeKernelNames.open, arguments: [{ input }], params });
    return { step: opening.length - 1 };
  });
  return [...opening, ...steps(pieces, opening.length)];
}

/** Bytes of each part over all producers; `undefined` until they are measured: wait for `exchange.measured.stage`. */
export function measuredPartBytes(
  context: LowerContext,
  exchange: Exchange,
): Float64Array | undefined {
  const manifest = context.manifest(exchange.measured.stage);
  const { stages, parts } = exchange;
  if (manifest === undefined || stages === undefined) return manifest?.partBytes;
  const bytes = new Float64Array(parts);
  for (const [combiner, reported] of manifest.statistics.entries()) {
    const first = Math.floor(combiner / stages.groups) * stages.fine;
    // The combiners' own kernel reports it: bytes per piece.
    for (const [piece, length] of (reported as readonly number[]).entries()) {
      if (first + piece < parts) bytes[first + piece] = (bytes[first + piece] ?? 0) + length;
    }
  }
  return bytes;
}

/** How many parts of about `options.partBytes` the measured chunks make. */
export function chooseParts(
  manifests: readonly StageManifest[],
  { partBytes }: Pick<PlanOptions, "partBytes">,
): number {
  return Math.max(1, Math.ceil(measuredBytes(manifests) / partBytes));
}

/** True if every task of the other side may read all of these chunks. */
export function fitsBroadcast(
  manifest: StageManifest,
  { broadcastBytesMax }: Pick<PlanOptions, "broadcastBytesMax">,
): boolean {
  return measuredBytes([manifest]) <= broadcastBytesMax;
}

function measuredBytes(manifests: readonly StageManifest[]): number {
  let sum = 0;
  for (const manifest of manifests) for (const bytes of manifest.bytes) sum += bytes;
  return sum;
}

function tooManyTransfers(
  { label, count, parts }: ExchangeDraft,
  transfers: number,
  most: number,
): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `${label}: an exchange of ${count} chunks to ${parts} parts takes ${transfers} reads, more than ${most}`,
    fix: "use fewer and larger parts, or fewer and larger chunks before it",
    data: { chunks: count, parts, transfers, most },
  });
}
