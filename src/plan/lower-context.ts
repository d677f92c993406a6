import type { SourceFile } from "../backend/byte-source.ts";
import type { Step } from "../backend/program.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { type ContentName, makeStageId, type StageId } from "../base/ids.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { PackedBytes, Slot, StageKind, StageManifest } from "./stage.ts";

/** An expression's chunks: chunk i of the expression is index i of the stage. */
export interface Layout {
  readonly stage: StageId;
  readonly count: number;
  /** What the operation's family wants to know of it: a chunk grid, boundaries. */
  readonly form?: unknown;
  /** Bytes of the largest chunk, if a bound is known. */
  readonly chunkBytes?: number;
}

/** A stage that the driver knows already. */
export interface LiveStage {
  readonly stage: StageId;
  /** Its stored name. */
  readonly name: ContentName;
  readonly count: number;
  readonly form?: unknown;
  readonly chunkBytes?: number;
}

/** What `lower` answers: the chunks, or the stage whose manifest it must see first. It is then called again. */
export type Lowered =
  | { readonly kind: "layout"; readonly layout: Layout }
  | { readonly kind: "wait"; readonly stage: StageId };

/** Memory of one task beyond reserved, as an operation states it. */
export interface MemoryStatement {
  readonly class: "exact" | "bounded" | "declared";
  /** Per slot: bytes held at once. Left out: the whole input as far as its chunk size is known. */
  readonly inputs?: readonly number[];
  readonly operation: number;
  readonly output: number;
  /** What a stream leaves behind and the collector has not taken away. Fused steps leave it behind together. */
  readonly elastic?: ElasticMemory;
}

/** Memory that a task takes where there is room: it runs with `least`, and takes no more than `most`. */
export interface ElasticMemory {
  readonly least: number;
  readonly most: number;
  /** On top of `most`, if the step's records are what the task writes. */
  readonly writing: number;
}

/** In a draft's slot: the stage that is being drafted. */
export const selfStage: StageId = makeStageId(-1);

/** A stage as an operation asks for it; the planner adds name, id, functions, options and projection. */
export interface StageDraft {
  /** Distinguishes the stages of one expression: `"partial"`, `"level-2"`. */
  readonly role: string;
  readonly kind: StageKind;
  readonly label: string;
  readonly count: number;
  readonly slots: readonly Slot[];
  /** `functions` in a step are positions in this draft's `functions`. */
  readonly steps: readonly Step[];
  /** Left out: the expression's own functions. */
  readonly functions?: readonly ShippedFunction[];
  /** Physical layout, as plain data: part of the stored name. */
  readonly layout: unknown;
  readonly own?: PackedBytes;
  readonly data?: PackedBytes;
  readonly parts?: number;
  readonly memory?: MemoryStatement;
  readonly chunkBytes?: number;
  readonly form?: unknown;
  /** May be fused into a sole consumer. Default: true for `map`. */
  readonly fusible?: boolean;
  /** Takes a producer that it reads one to one into its own task. Default: true, but for `graph`. */
  readonly absorbs?: boolean;
  /** Its kernels ask for the task's index, count or own data: fused only where consumers keep the index. Default: true. */
  readonly usesIndex?: boolean;
  /** The output may be a stream of batches, which only one step can read. Default: true. */
  readonly streams?: boolean;
  /** Chunks go to the store even when small. */
  readonly store?: boolean;
  /** The chunks are in the store already, under this stored name: nothing but a look for them is to be done. */
  readonly stored?: ContentName;
  /** The same input always gives the same bytes. */
  readonly ordered?: boolean;
}

/** What an operation may ask and do while it is lowered. */
export interface LowerContext {
  readonly options: PlanOptions;
  /** The chunks of a child expression, already lowered. */
  layout(child: { readonly name: ContentName }): Layout;
  /** The chunks of a stage that the driver knows already. */
  adopt(live: LiveStage): Layout;
  /** Adds a stage; an equal one (same stored name) is returned instead of a second. */
  emit(draft: StageDraft): Layout;
  /** What is known of a finished stage; `undefined` while it has not finished: return `{ kind: "wait", stage }`. */
  manifest(stage: StageId): StageManifest | undefined;
  /** A file of the user's as workers read it: not what names are made of. */
  readable(file: SourceFile): SourceFile;
  /** Where workers leave files for the client's machine: a URL that ends in a slash. `undefined`: they see it. */
  readonly outputs: string | undefined;
}
