import type { Program } from "../backend/program.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import type { InputMapping } from "./mapping.ts";

/**
 * `data`: chunks given by the plan itself. `map`: index by index. `reduce`: one level of a tree. `exchange`: writes
 * objects in parts, all-to-all. `graph`: irregular calls in adjacency form.
 */
export type StageKind = "data" | "map" | "reduce" | "exchange" | "graph";

/** Many byte strings in one buffer: item i is `bytes[offsets[i] … offsets[i+1])`. */
export interface PackedBytes {
  readonly offsets: Float64Array;
  readonly bytes: Uint8Array;
  /** Of chunks of records: how many each holds. */
  readonly rows?: Float64Array;
}

/** One input slot of a stage's program. A graph stage's first slot names the stage itself. */
export interface Slot {
  readonly stage: StageId;
  readonly mapping: InputMapping;
  /** The operation wants to know which chunks it got (`TaskSpec.positions`). */
  readonly positions?: boolean;
  /** Many tasks read each chunk: workers that are far from the store copy it. No part of any name. */
  readonly broadcast?: boolean;
}

/** How sure a projection is: by types, by measured bounds, or only declared by the user. */
export type MemoryClass = "exact" | "bounded" | "declared";

/** Projected peak of one task of a stage, term by term, in bytes. */
export interface MemoryProjection {
  readonly class: MemoryClass;
  readonly reserved: number;
  /** Per slot: bytes of its chunks held at once, copies while reading included. */
  readonly inputs: readonly number[];
  readonly operation: number;
  /** The output and its copies while writing. */
  readonly output: number;
  readonly total: number;
}

/** What the user or the collection asks of a stage. */
export interface StageOptions {
  /** Extra attempts after a user error: n retries mean n + 1 attempts. */
  readonly retries: number;
  /** Higher runs first. */
  readonly priority: number;
  /** Deadline of one attempt. */
  readonly timeoutMs: number | undefined;
  /** Memory that one task needs, in bytes, as the user declared it. */
  readonly memoryBytes: number | undefined;
  /** Chunks go to the store even when small (persisted results, manifests of writes). */
  readonly store: boolean;
  /** `""` for pure stages, else a nonce of the run. */
  readonly nonce: string;
  /** It has effects or chance in it: its tasks get no backups. Left out: it has none. */
  readonly impure?: boolean;
  /** The same input always gives the same bytes: a backup's checksum is compared with the winner's. */
  readonly ordered: boolean;
}

/** One program over `count` indexes. A stage of a million indexes is one object. */
export interface Stage {
  readonly id: StageId;
  /** Stored name: hash of (logical name, physical layout, codec and operation versions). */
  readonly name: ContentName;
  /** For people: `map`, `frequencies`. */
  readonly label: string;
  readonly kind: StageKind;
  readonly count: number;
  readonly slots: readonly Slot[];
  readonly program: Program;
  /** Per index, its own data (`TaskSpec.own`). */
  readonly own?: PackedBytes;
  /** The chunks of a `data` stage, encoded. */
  readonly data?: PackedBytes;
  /** Parts per output object, of an `exchange`. */
  readonly parts?: number;
  /** Its chunks are in the store already: they are looked for, and a task only says that one is not there. */
  readonly isStored?: boolean;
  readonly memory: MemoryProjection;
  readonly options: StageOptions;
  /** Where in the user's program the work was defined: `file:line:column`. */
  readonly definedAt: string;
  /** Labels of the stages that were fused into this one, first to last, its own included. */
  readonly fused: readonly string[];
}

/** What is known of a finished stage's chunks, by index. */
export interface StageManifest {
  readonly stage: StageId;
  readonly count: number;
  readonly rows: Float64Array;
  readonly bytes: Float64Array;
  /** What the operation reported for each chunk (`OutputSummary.statistics`). */
  readonly statistics: readonly unknown[];
  /** Of an exchange: bytes of part p over all producers. */
  readonly partBytes?: Float64Array;
}
