import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ChunkKey } from "../base/ids.ts";
import type { Corrupt } from "../chunk/chunk-layout.ts";
import type { ChunkBytes } from "../chunk/stored-chunk.ts";
import { onStore, TaskFailure } from "./thrown.ts";

/** A chunk in the store, or one piece of it. */
export interface ObjectPlace {
  readonly key: ChunkKey;
  /** Of an exchange object: where the piece lies, and the checksum its writer told. */
  readonly piece?: {
    readonly offset: number;
    readonly length: number;
    readonly checksum: number | undefined;
  };
}

/** How one task reads the store: `onRead` is told of every read. */
export interface StoreAccess {
  readonly store: Pick<ChunkStore, "get" | "getRange">;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onRead: (bytes: number, ms: number) => void;
}

/** The stored bytes at `place`; a missing object is the failure `lost-input`, a damaged one `corrupt-input`. */
export function objectBytes({ key, piece }: ObjectPlace, access: StoreAccess): ChunkBytes {
  const { store, signal } = access;
  const fetch = async (call: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> => {
    const startMs = access.now();
    const bytes = await onStore(call);
    if (bytes === undefined) throw new TaskFailure({ kind: "lost-input", key });
    access.onRead(bytes.length, access.now() - startMs);
    return bytes;
  };
  const range = (offset: number, length: number): Promise<Uint8Array> =>
    fetch(() => store.getRange(key, { offset, length }, signal));
  const corrupt = corruptInput(key);
  if (piece === undefined) {
    return {
      end: (length) => range(-length, length),
      range,
      whole: () => fetch(() => store.get(key, signal)),
      corrupt,
    };
  }
  const { offset, length, checksum } = piece;
  return {
    end: (bytes) => {
      const count = Math.min(bytes, length);
      return range(offset + length - count, count);
    },
    range: (start, count) => range(offset + start, count),
    whole: () => range(offset, length),
    corrupt,
    checksum,
  };
}

/** Makes the failure for a chunk whose bytes are wrong. */
function corruptInput(key: ChunkKey): Corrupt {
  return (detail) => new TaskFailure({ kind: "corrupt-input", key, detail });
}
