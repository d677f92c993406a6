import type { ByteSource, SourceFile } from "./byte-source.ts";
import type { ChunkStore } from "./chunk-store.ts";
import type { Clock } from "./clock.ts";
import type { Invoker } from "./invoker.ts";
import type { RunStore } from "./run-store.ts";

/** What a backend can do, in numbers. */
export interface BackendLimits {
  /** Memory of one worker, in bytes. */
  readonly workerMemoryBytes: number;
  /** Memory a worker uses before its first task, in bytes: a constant of the release. */
  readonly reservedMemoryBytes: number;
  /** Bytes of one invocation's message and of one reply. */
  readonly payloadBytesMax: number;
  /** Longest invocation; `Infinity` if there is no limit. */
  readonly invocationMsMax: number;
  /** What one invocation costs besides its tasks, in milliseconds: sets the size of batches. */
  readonly invocationOverheadMs: number;
}

/** Where workers that do not see the client's machine find its files, and leave what belongs there. */
export interface FilesAway {
  /** The same file as workers read it. */
  readable(file: SourceFile): SourceFile;
  /** Start of the URLs where a run's workers leave files that the client brings to its machine; ends in a slash. */
  outputs(run: string): string;
}

/** Where tasks run and chunks live. `local` and `aws` differ only in what stands behind these ports. */
export interface Backend {
  /** For people: `local`, `aws`, `simulated`. */
  readonly name: string;
  readonly store: ChunkStore;
  readonly runs: RunStore;
  readonly sources: ByteSource;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly limits: BackendLimits;
  /** Workers have none of the user's modules: what functions import is sent to them as a bundle. */
  readonly needsBundles?: boolean;
  /** Workers do not see this machine's files: makes these readable for them, or refuses them if they are too many. */
  readonly takeFiles?: (files: readonly SourceFile[]) => Promise<FilesAway>;
  /** Requests that this client has sent to services that count them, by kind, such as `s3:PutObject`; each try is one. */
  readonly requests?: () => Readonly<Record<string, number>>;
  /** Settings that it was opened with, where its options said other than the configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Random bits for run ids, nonces and jitter. */
  readonly random: () => number;
  close(): Promise<void>;
}

/** A backend that is found and opened when a client connects. */
export interface LazyBackend {
  open(): Promise<Backend>;
}
