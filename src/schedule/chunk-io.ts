import { blockPrefix, chunkKey, indexesPerBlock, indexOfKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { ErrorData } from "../backend/failure.ts";
import { type ChunkKey, makeChunkKey } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import type { StageResults } from "./results.ts";

/** The chunks of one block of a stage that are in the store, with their sizes. */
export async function listBlock(
  store: ChunkStore,
  stage: Stage,
  block: number,
): Promise<{ index: number; bytes: number }[]> {
  const present: { index: number; bytes: number }[] = [];
  for await (const { key, bytes } of store.list(blockPrefix(stage.name, block))) {
    present.push({ index: indexOfKey(key), bytes });
  }
  return present;
}

/** Moves a bad chunk aside, unless somebody has replaced it meanwhile. */
export async function quarantineChunk(store: ChunkStore, key: ChunkKey): Promise<void> {
  for await (const object of store.list(key)) {
    if (object.key !== key) continue;
    const bytes = await store.get(key);
    if (bytes !== undefined) {
      await store.putIfAbsent(makeChunkKey(`bad/${object.version}/${key}`), bytes);
    }
    await store.delete(key, object.version);
  }
}

/** Deletes every chunk of a stage. */
export async function deleteChunks(store: ChunkStore, stage: Stage): Promise<void> {
  const blocks = Math.ceil(stage.count / indexesPerBlock);
  for (let block = 0; block < blocks; block++) {
    const keys: ChunkKey[] = [];
    for await (const { key } of store.list(blockPrefix(stage.name, block))) keys.push(key);
    if (keys.length === 0) continue;
    if (store.deleteAll !== undefined) await store.deleteAll(keys);
    else await Promise.all(keys.map((key) => store.delete(key)));
  }
}

/** Chunks written at once: each takes an object store many milliseconds. */
const spillsAtOnce = 32;

/** Writes inline or given chunks to the store as well, so that they can be read by key. */
export async function spillChunks(
  store: ChunkStore,
  results: StageResults,
  indexes: readonly number[],
): Promise<void> {
  const rest = indexes.values();
  const spillSome = async (): Promise<void> => {
    for (const index of rest) {
      if (!results.isInline(index)) continue;
      await store.putIfAbsent(chunkKey(results.stage.name, index), results.inlineBytes(index));
      results.setSpilled(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(spillsAtOnce, indexes.length) }, spillSome));
}

/** An error of the store or the planner as a failure carries it. */
export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) {
    return { name: "", message: String(error), stack: "", fields: {} };
  }
  const code = "code" in error ? { code: error.code } : {};
  return {
    name: error.name,
    message: error.message,
    stack: error.stack ?? "",
    fields: code,
  };
}
