import type { InvocationId } from "../base/ids.ts";
import type { Invocation, InvocationOutcome } from "./task.ts";

/** Runs invocations on workers. Never rejects: whatever happens is an outcome. */
export interface Invoker {
  /** Runs `invocation` once (never twice, never queued behind another: at most `slots` are in flight). */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome>;
  /** Tells the worker that nobody wants the results of these tasks any more. Left out: a running worker cannot be told. */
  unwanted?(invocation: InvocationId, indexes: readonly number[]): void;
  /** Invocations that may be in flight now. */
  readonly slots: number;
  /** Calls `listener` whenever `slots` has changed; returns a function that ends it. */
  onSlots(listener: (slots: number) => void): () => void;
  /** Sets how many workers there are, now: running tasks on workers that leave finish first. */
  scale(target: number | { readonly min: number; readonly max: number }): void;
  /** Tells the pool whether a run is active: between runs it must not keep the process alive. */
  hold(active: boolean): void;
  /** Ends all workers, those that run something too; new ones start when they are needed. Left out: there are none. */
  restart?(): void;
  close(): Promise<void>;
}
