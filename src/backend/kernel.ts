import type { ByteSource } from "./byte-source.ts";
import type { ChunkStore } from "./chunk-store.ts";
import type { ShippedFunction } from "./shipped-function.ts";

/** A user function made callable in a worker. */
export type UserFunction = (...values: readonly unknown[]) => unknown;

/** The task that a kernel runs in. */
export interface KernelTask {
  readonly index: number;
  readonly attempt: number;
  /** Indexes of the stage. */
  readonly count: number;
  /** Per slot, producer indexes of its chunks, where the slot asked for positions. */
  readonly positions: readonly (readonly number[])[];
  /** This index's own data, decoded. */
  readonly own: unknown;
  /** Aborts what it reads and writes. */
  readonly stop: AbortSignal;
  /** Same for every attempt of this task, different for any other task or run of an impure one, and for each call of one task. */
  readonly idempotencyKey: string;
  readonly sources: ByteSource;
  readonly store: ChunkStore;
  /** Statistics that travel with the chunk: plain data, the last call counts. */
  report(statistics: unknown): void;
  /** From here on this task makes another of its calls, counted from 0: calls that run in one task are told apart by their keys. */
  startCall(call: number): void;
  /**
   * Tells the client something besides what the user's functions log, of which it takes no room: `what` is asked once the
   * task's output is committed, and may answer `undefined`. Of an attempt that fails nobody is told.
   */
  tellWhenDone(topic: string, what: () => unknown): void;
}

/** One call of an operation: its arguments are decoded chunks, `InputList`s or results of earlier steps. */
export interface KernelCall {
  readonly arguments: readonly unknown[];
  readonly params: unknown;
  readonly functions: readonly UserFunction[];
  /** The same functions as they were sent, for kernels that hand on work. */
  readonly shipped: readonly ShippedFunction[];
  readonly task: KernelTask;
}

/**
 * An operation as a worker runs it. Its result is the next step's argument or the task's output: `Batches` (a part of
 * a bag), a `Block`, `Partitioned` (an exchange) or any plain data.
 */
export type Kernel = (call: KernelCall) => unknown;
