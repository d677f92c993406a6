import type { ChunkStore } from "../backend/chunk-store.ts";
import { isLambdaskError } from "../base/errors.ts";
import { Batches } from "../chunk/batches.ts";
import { decodeChunk } from "../chunk/codec.ts";
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
}

const recoveriesMax = 3;

/**
 * The decoded chunk. Stored bytes that are missing or wrong are made again by the scheduler. Parts of bags become
 * arrays of their records.
 */
export async function readChunk(chunk: FinishedChunk, owner: ChunkOwner): Promise<ChunkValue> {
  let current = chunk;
  for (let recovery = 0; ; recovery++) {
    const found = await tryRead(current, owner.store);
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

async function tryRead(chunk: FinishedChunk, store: ChunkStore): Promise<Read> {
  const { ref } = chunk;
  const bytes = "inline" in ref ? ref.inline : await store.get(ref.key);
  if (bytes === undefined) {
    const error = new Error(`chunk ${chunk.index} is gone from the store again and again`);
    return { kind: "bad", problem: "lost", error };
  }
  try {
    const decoded = decodeChunk(bytes, { checksum: chunk.summary?.checksum });
    const value = decoded instanceof Batches ? await decoded.toArray() : decoded;
    return { kind: "value", value };
  } catch (error) {
    if (!isLambdaskError(error, "CORRUPT_CHUNK")) throw error;
    return { kind: "bad", problem: "corrupt", error };
  }
}
