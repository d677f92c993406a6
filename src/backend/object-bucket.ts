/** An object as a listing or a look at it shows it. */
export interface ObjectFacts {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** The ETag: another one once the object was written with other bytes. */
  readonly version: string;
}

/** Which bytes of an object: `[start, end)`, or the last `last`. */
export type ObjectRange =
  | { readonly start: number; readonly end: number }
  | { readonly last: number };

/** What an object must be for a call to happen: not there, or of this version. */
export type ObjectCondition = { readonly absent: true } | { readonly version: string };

/** What to read. */
export interface ObjectRead {
  readonly key: string;
  readonly range?: ObjectRange;
  /** The version that the object must have. */
  readonly version?: string;
  /** Where to put the bytes; they must fit exactly. Left out: into an array of their own. */
  readonly into?: Uint8Array;
}

/** What to write. */
export interface ObjectWrite {
  readonly key: string;
  readonly condition?: ObjectCondition;
}

/** What a read found. A range that the object does not reach has no bytes. */
export type ObjectAnswer =
  | {
      readonly kind: "found";
      readonly bytes: Uint8Array;
      readonly version: string;
      readonly totalBytes: number;
    }
  | { readonly kind: "missing" }
  /** The object has another version than the one asked for. */
  | { readonly kind: "changed" };

/**
 * What became of a write. `refused`: the condition did not hold. `unclear`: it did not hold, but an earlier try of
 * this same write may have been carried out and its answer lost, so that what is there may be ours.
 */
export type ObjectPut =
  | { readonly kind: "written"; readonly version: string }
  | { readonly kind: "refused" }
  | { readonly kind: "unclear" };

/**
 * One bucket of an object store, in the few calls that are used of it. Every call tries again what may pass, so an
 * error is one that no retry has cured. Objects appear whole or not at all, and what was written is read at once.
 */
export interface ObjectBucket {
  readonly name: string;
  head(key: string, signal?: AbortSignal): Promise<ObjectFacts | undefined>;
  get(read: ObjectRead, signal?: AbortSignal): Promise<ObjectAnswer>;
  put(write: ObjectWrite, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectPut>;
  /** Writes a stream of unknown length with bounded memory; `bytes` is read once. */
  upload(
    write: ObjectWrite,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<ObjectPut>;
  /** Copies an object of at most 5 GiB within the bucket, over what may be there; false if there is no such object. */
  copy(from: string, to: string): Promise<boolean>;
  /** Objects whose key starts with `prefix`, in order of key. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectFacts>;
  /** Deletes the object if it has that version; true if it did. */
  deleteVersion(key: string, version: string): Promise<boolean>;
  /** Deletes any number of objects, whether they are there or not. */
  deleteAll(keys: readonly string[]): Promise<void>;
}
