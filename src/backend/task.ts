import type { ChunkKey, ContentName, InvocationId, RunId } from "../base/ids.ts";
import type { Failure } from "./failure.ts";
import type { Program } from "./program.ts";

/**
 * Version of what client and worker must agree on: these messages, and what stored chunks of a name hold. A worker that
 * was deployed before must not run what means something else now, so it rises with the first such change after a
 * release. A worker of another version answers `mismatch`.
 */
export const protocolVersion = 1;

/** Outputs up to this many bytes ride in the reply and are not written to the store. */
export const inlineBytesMax: number = 32 * 1024;

/** Where a part of an exchange object lies; absent offsets make the worker read the object's footer first. */
export interface PartRange {
  readonly part: number;
  readonly offset?: number;
  readonly length?: number;
  readonly checksum?: number;
}

/** One chunk that a task reads. */
export type InputRef =
  | { readonly inline: Uint8Array }
  | {
      readonly key: ChunkKey;
      readonly part?: PartRange;
      /** Many tasks read it: a worker that is far from the store keeps a copy. To others it means nothing. */
      readonly broadcast?: boolean;
    };

/** One index of a stage, to be run once. */
export interface TaskSpec {
  readonly index: number;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Per input slot of the program, the chunks that the stage's mapping names for this index, in its order. */
  readonly inputs: readonly (readonly InputRef[])[];
  /** Producer index of each input, same form as `inputs`; given only where an operation asks for positions. */
  readonly positions?: readonly (readonly number[])[];
  /** This index's own data (a graph stage's call, a data-dependent boundary), encoded as a value. */
  readonly own?: Uint8Array;
}

/** One call of a worker: tasks of one stage that share a program. */
export interface Invocation {
  readonly protocol: number;
  readonly run: RunId;
  readonly id: InvocationId;
  readonly stage: {
    /** Stored name: chunk `i` of the output goes to `chunkKey(name, i)`. */
    readonly name: ContentName;
    /** For people. */
    readonly label: string;
    readonly count: number;
    /** Per input slot: its mapping reads exactly one chunk, which is handed over as it is and not as an `InputList`. */
    readonly singles: readonly boolean[];
    /** True if output must go to the store even when small (persisted, side-effect manifests). */
    readonly store: boolean;
    /** Changes the idempotency key of impure tasks; `""` for pure ones. */
    readonly nonce: string;
    /** The chunks should be in the store: they are looked for before a task runs. */
    readonly isStored?: boolean;
  };
  readonly program: Program;
  readonly tasks: readonly TaskSpec[];
  /** The whole invocation must answer within this time. */
  readonly timeoutMs?: number;
  /** The worker that holds the inputs in its cache, if any. */
  readonly prefer?: number;
}

/** A stored part of an exchange output. */
export interface PartSummary {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
  readonly rows: number;
}

/** What is known of a written chunk: rides in the reply, equals the stored object's footer. */
export interface OutputSummary {
  /** Encoded bytes. */
  readonly bytes: number;
  /** Records, rows or elements. */
  readonly rows: number;
  readonly checksum: number;
  /** The encoded chunk itself, if small; then nothing was written. */
  readonly inline?: Uint8Array;
  readonly parts?: readonly PartSummary[];
  /** Statistics the operation reports (minimum, maximum, samples): plain data. */
  readonly statistics?: unknown;
}

/** What one attempt cost. Times in milliseconds of the worker's own clock. */
export interface Measures {
  readonly startMs: number;
  readonly readMs: number;
  readonly runMs: number;
  readonly writeMs: number;
  readonly readBytes: number;
  readonly peakBytes: number;
}

/** Something that a task has logged: its data is an encoded value. */
export interface TaskEvent {
  readonly topic: string;
  /** By the worker's clock, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly data: Uint8Array;
}

/** The answer for one task. */
export type TaskResult =
  | {
      readonly status: "done";
      readonly index: number;
      readonly attempt: number;
      readonly output: OutputSummary;
      /** The object was already there when this attempt came to write. */
      readonly existed: boolean;
      /** The value holds lazies: the client expands them. */
      readonly lazy: boolean;
      readonly measures: Measures;
      readonly events?: readonly TaskEvent[];
    }
  | {
      readonly status: "failed";
      readonly index: number;
      readonly attempt: number;
      readonly failure: Failure;
      readonly measures: Measures;
      readonly events?: readonly TaskEvent[];
    };

/** What became of an invocation: an answer per task, or none at all. */
export type InvocationOutcome =
  | { readonly kind: "answered"; readonly worker: number; readonly results: readonly TaskResult[] }
  | {
      readonly kind: "lost";
      readonly worker: number;
      /** Results that were answered before the loss. */
      readonly results: readonly TaskResult[];
      /** What happened to the rest: worker-lost, timeout, memory, throttle or fatal. */
      readonly failure: Failure;
    };
