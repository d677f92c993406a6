import type { ChunkKey } from "../base/ids.ts";

/** An object as a listing shows it. */
export interface StoredObject {
  readonly key: ChunkKey;
  readonly bytes: number;
  /** Milliseconds since the epoch of the last write. */
  readonly modifiedMs: number;
  /** Changes when the bytes do: for conditional deletes. */
  readonly version: string;
  /** There is a copy that stays until it is deleted, under `keptChunkKey`. */
  readonly isKept?: boolean;
}

/** Bytes to write: at once or as a stream (which is read once). */
export type ByteStream = Uint8Array | AsyncIterable<Uint8Array>;

/** What became of a conditional write. `existed`: an object was already there (perhaps by our own lost reply). */
export type PutOutcome = "written" | "existed";

/** Takes the bytes of an object, piece by piece and in no order. */
export interface ObjectCopy {
  /** Told first how many bytes will come; false: none shall. */
  begin(bytes: number): Promise<boolean>;
  /** The bytes are the copy's own from now on. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** All of them were there. */
  end(): Promise<void>;
}

/** Where chunks live: a store that is read over a network, request by request. */
export interface FarStore extends ChunkStore {
  /** Gives `copy` the object, few pieces at once; nothing if there is no such object. */
  copyTo(copy: ObjectCopy, key: ChunkKey, signal?: AbortSignal): Promise<void>;
}

/**
 * Where chunks live: objects that appear whole or not at all and never change. Failures are LambdaskErrors with code
 * STORE (no cure: disk full, no permission) or plain errors (worth another try). A missing object is `undefined`.
 */
export interface ChunkStore {
  /** The whole object. */
  get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** `length` bytes from `offset`; a negative `offset` counts from the end. Fewer bytes if the object ends before. */
  getRange(
    key: ChunkKey,
    range: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /** Writes the object unless one is there. Atomic: no reader ever sees a part of it. */
  putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome>;
  /** All objects whose key starts with `prefix`, in no order. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject>;
  /** Of a store that caches: the next read of `key` must ask the store itself, for it may be gone or made anew. */
  forget?(key: ChunkKey): void;
  /** Deletes the object; with `ifVersion`, only if it still has that version. True if it was deleted. */
  delete(key: ChunkKey, ifVersion?: string): Promise<boolean>;
  /**
   * Of a store that takes chunks away after a time: from now on those of `keys` that are there stay until they are
   * deleted. Again is no error. Keys of one stage come in order of index.
   */
  keep?(keys: Iterable<ChunkKey>): Promise<void>;
  /**
   * Of a store that may have an object twice: moves aside what of it is wrong, so that it can be read or written again.
   * If nothing of it is wrong by itself, all of it.
   */
  setAside?(key: ChunkKey): Promise<void>;
  /** Of a store where requests cost: deletes any number of objects with few, whether they are there or not. */
  deleteAll?(keys: readonly ChunkKey[]): Promise<void>;
}
