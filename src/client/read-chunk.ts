import type { ChunkStore } from "../backend/chunk-store.ts";
import { isLambdaskError } from "../base/errors.ts";
import type { ChunkKey } from "../base/ids.ts";
import { Batches } from "../chunk/batches.ts";
import { corruptChunk } from "../chunk/chunk-layout.ts";
import { decodeChunk } from "../chunk/codec.ts";
import { readChunk as readStoredChunk } from "../chunk/stored-chunk.ts";
import { largeViewBytes } from "../chunk/value-codec.ts";
import type { FinishedChunk, JobHandle, TaskFailure } from "../schedule/driver.ts";

/** A chunk's value in the client, or why it cannot be had. */
export type ChunkValue =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "failed"; readonly failure: TaskFailure };

/** Where a chunk belongs: for making it again. */
export interface ChunkOwner {
  readonly store: ChunkStore;
  readonly handle: JobHandle;
  /** Position of the target in the job. */
  readonly target: number;
  /** Parts of bags are read later, as their records are wanted. */
  readonly streams?: boolean;
}

const recoveriesMax = 3;

/**
 * The decoded chunk. Stored bytes that are missing or wrong are made again by the scheduler. Parts of bags become
 * arrays of their records, or streams of them.
 */
export async function readChunk(chunk: FinishedChunk, owner: ChunkOwner): Promise<ChunkValue> {
  let current = chunk;
  for (let recovery = 0; ; recovery++) {
    const found = await tryRead(current, owner);
    if (found.kind === "value") return found;
    if (recovery === recoveriesMax) throw found.error;
    const recovered = await owner.handle.recover(owner.target, current.index, found.problem);
    if ("failure" in recovered) return { kind: "failed", failure: recovered };
    current = recovered;
  }
}

type Read =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "bad"; readonly problem: "lost" | "corrupt"; readonly error: unknown };

async function tryRead(chunk: FinishedChunk, owner: ChunkOwner): Promise<Read> {
  const { store, streams = false } = owner;
  const { ref, summary } = chunk;
  const isSmall = summary !== undefined && summary.bytes < largeViewBytes;
  if (!("inline" in ref) && !isSmall) {
    return tryReadLarge(chunk, ref.key, owner);
  }
  const bytes = "inline" in ref ? ref.inline : await store.get(ref.key);
  return bytes === undefined
    ? lost(chunk)
    : orCorrupt(() => decodeChunk(bytes, { checksum: summary?.checksum }), streams);
}

/** Reads the end first: what is only a large view is then read to where it stays. */
async function tryReadLarge(
  chunk: FinishedChunk,
  key: ChunkKey,
  { store, streams = false }: ChunkOwner,
): Promise<Read> {
  const found = (bytes: Uint8Array | undefined): Uint8Array => {
    if (bytes === undefined) throw gone;
    return bytes;
  };
  const range = async (offset: number, length: number): Promise<Uint8Array> =>
    found(await store.getRange(key, { offset, length }));
  try {
    return await orCorrupt(
      () =>
        readStoredChunk({
          end: (length) => range(-length, length),
          range,
          whole: async () => found(await store.get(key)),
          corrupt: corruptChunk,
          checksum: chunk.summary?.checksum,
        }),
      streams,
    );
  } catch (error) {
    if (error === gone) return lost(chunk);
    throw error;
  }
}

const gone = new Error("a chunk is gone");

function lost({ index }: FinishedChunk): Read {
  const error = new Error(`chunk ${index} is gone from the store again and again`);
  return { kind: "bad", problem: "lost", error };
}

async function orCorrupt(decode: () => unknown, streams: boolean): Promise<Read> {
  try {
    const decoded = await decode();
    const isHeld = decoded instanceof Batches && !streams;
    const value = isHeld ? await decoded.toArray() : decoded;
    return { kind: "value", value };
  } catch (error) {
    if (!isLambdaskError(error, "CORRUPT_CHUNK")) throw error;
    return { kind: "bad", problem: "corrupt", error };
  }
}
