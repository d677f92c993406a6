import type { ChunkKey } from "../base/ids.ts";

/** How stacks name the file that a worker is, if all of it is one file that no client knows the folder of. */
export const workerFile = "lambdask-worker:handler.mjs";

/** A thrown value as data, so that it crosses processes and is rebuilt on the client. */
export interface ErrorData {
  /** Class name, such as `TypeError`; `""` if what was thrown is no Error. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Own fields that are plain data (`code`, `errno`, the user's own), size-capped. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorData;
  /** Of an AggregateError. */
  readonly errors?: readonly ErrorData[];
  /** What was thrown, if it is no Error and is plain data. */
  readonly thrown?: unknown;
}

/** Why one attempt of one task failed. The kinds differ because the cures do. */
export type Failure =
  /** The user's function threw, or the `setUp` of that name before it: retried only if the user asked for it. */
  | { readonly kind: "user"; readonly error: ErrorData; readonly setUp?: string }
  /** An input is not in the store: its producer runs again. */
  | { readonly kind: "lost-input"; readonly key: ChunkKey }
  /** An input's bytes are wrong: it is moved aside and its producer runs again. */
  | { readonly kind: "corrupt-input"; readonly key: ChunkKey; readonly detail: string }
  /** The worker died or did not answer: retried with backoff. */
  | { readonly kind: "worker-lost"; readonly detail: string }
  /** The store failed in a way that may pass, with a worker that is well: retried with backoff. */
  | { readonly kind: "store"; readonly detail: string }
  /** The attempt ran past its deadline. */
  | { readonly kind: "timeout"; readonly afterMs: number }
  /** The worker ran out of memory: retried with more, or alone. */
  | { readonly kind: "memory"; readonly detail: string; readonly peakBytes: number }
  /** Flow control, never counted as a failure. */
  | { readonly kind: "throttle" }
  /** Code or protocol do not match: stops the run. */
  | { readonly kind: "mismatch"; readonly detail: string }
  /** The store or a source failed with no cure (disk full, file changed): stops the run. */
  | { readonly kind: "fatal"; readonly error: ErrorData }
  /** The worker handed the task back unrun (deadline near, shutting down): runs again, not counted. */
  | { readonly kind: "returned" };
