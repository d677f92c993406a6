import type { Step } from "../backend/program.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import type { DraftedStage } from "./drafted-stage.ts";
import { type Annotations, isImpure } from "./expr.ts";
import type { MemoryStatement } from "./lower-context.ts";
import type { PackedBytes, Slot, StageKind } from "./stage.ts";

/** One drafted stage inside a stage that is being put together. */
export interface Piece {
  readonly label: string;
  readonly memory: MemoryStatement | undefined;
  /** Position of its last step among the steps of the whole. */
  readonly lastStep: number;
}

/** A slot, with the bytes that its operation says it holds at once. */
export interface BuildingSlot extends Slot {
  readonly heldBytes?: number | undefined;
}

/** A stage while producers are fused into it. */
export interface BuildingStage {
  readonly id: StageId;
  /** The last piece's: whoever wants its chunks finds them under that name, fused or not. */
  readonly name: ContentName;
  readonly kind: StageKind;
  readonly count: number;
  slots: readonly BuildingSlot[];
  steps: readonly Step[];
  functions: readonly ShippedFunction[];
  own: PackedBytes | undefined;
  readonly data: PackedBytes | undefined;
  readonly parts: number | undefined;
  /** In order of execution. */
  pieces: readonly Piece[];
  annotations: Annotations;
  nonce: string;
  /** Some of it has effects or chance in it. */
  impure: boolean;
  readonly store: boolean;
  readonly isStored: boolean;
  readonly ordered: boolean;
  readonly definedAt: string;
  readonly chunkBytes: number | undefined;
  readonly fusible: boolean;
  readonly absorbs: boolean;
  usesIndex: boolean;
  readonly streams: boolean;
}

/** A drafted stage as the first, single piece of a stage. */
export function startBuilding(
  drafted: DraftedStage,
  store: boolean,
  runNonce: string,
): BuildingStage {
  const { draft, expr } = drafted;
  return {
    id: drafted.id,
    name: drafted.name,
    kind: draft.kind,
    count: draft.count,
    slots: draft.slots.map((slot, i) => ({ ...slot, heldBytes: draft.memory?.inputs?.[i] })),
    steps: draft.steps,
    functions: drafted.functions,
    own: draft.own,
    data: draft.data,
    parts: draft.parts,
    pieces: [{ label: draft.label, memory: draft.memory, lastStep: draft.steps.length - 1 }],
    annotations: expr.annotations,
    nonce: expr.nonce === "" ? "" : `${runNonce}/${expr.nonce}`,
    impure: isImpure(expr.nonce),
    store: store || draft.store === true,
    isStored: draft.stored !== undefined,
    ordered: draft.ordered ?? false,
    definedAt: expr.definedAt,
    chunkBytes: drafted.chunkBytes,
    fusible: draft.fusible ?? draft.kind === "map",
    absorbs: draft.absorbs ?? draft.kind !== "graph",
    usesIndex: draft.usesIndex ?? true,
    streams: draft.streams ?? true,
  };
}
