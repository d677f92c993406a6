import { blockPrefix, chunkKey, indexesPerBlock, indexOfKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import { atOnce } from "../base/at-once.ts";
import { type ChunkKey, type ContentName, makeChunkKey } from "../base/ids.ts";
import type { Stage } from "../plan/stage.ts";
import type { StageResults, StoredChunks } from "./results.ts";

/** A chunk that is in the store. */
interface ListedChunk {
  readonly index: number;
  readonly bytes: number;
  readonly isKept: boolean;
}

/** The chunks of one block of a stage that are in the store, with their sizes. */
export async function listBlock(
  store: ChunkStore,
  stage: Stage,
  block: number,
): Promise<ListedChunk[]> {
  const present: ListedChunk[] = [];
  for await (const object of store.list(blockPrefix(stage.name, block))) {
    const { key, bytes, isKept = false } = object;
    present.push({ index: indexOfKey(key), bytes, isKept });
  }
  return present;
}

/** Moves a bad chunk aside, unless somebody has replaced it meanwhile. */
export async function quarantineChunk(store: ChunkStore, key: ChunkKey): Promise<void> {
  if (store.setAside !== undefined) return store.setAside(key);
  for await (const object of store.list(key)) {
    if (object.key !== key) continue;
    const bytes = await store.get(key);
    if (bytes !== undefined) {
      await store.putIfAbsent(makeChunkKey(`bad/${object.version}/${key}`), bytes);
    }
    await store.delete(key, object.version);
  }
}

/** Blocks deleted at once. */
const deletionsAtOnce = 8;

/** Deletes every chunk of a stage, also those whose writes are under way. */
export async function deleteChunks(store: ChunkStore, chunks: StoredChunks): Promise<void> {
  const { name, count, written } = chunks;
  await written;
  const all = Array.from({ length: Math.ceil(count / indexesPerBlock) }, (_, block) => block);
  // What knows its blocks has written no others, but perhaps by a task that came late: a store that can list is asked.
  const blocks = store.deleteAll === undefined ? all : (chunks.blocks ?? all);
  await atOnce(deletionsAtOnce, blocks, (block) => deleteBlock(store, { name, count }, block));
}

async function deleteBlock(
  store: ChunkStore,
  { name, count }: StoredChunks,
  block: number,
): Promise<void> {
  const start = block * indexesPerBlock;
  const length = Math.min(indexesPerBlock, count - start);
  const keys: ChunkKey[] = [];
  // Where requests cost, to delete what is not there costs nothing, and a listing does.
  if (store.deleteAll !== undefined) {
    for (let i = 0; i < length; i++) keys.push(chunkKey(name, start + i));
  } else {
    for await (const { key } of store.list(blockPrefix(name, block))) keys.push(key);
  }
  await deleteKeys(store, keys);
}

/** Deletes chunks by their keys. */
export async function deleteKeys(store: ChunkStore, keys: readonly ChunkKey[]): Promise<void> {
  if (store.deleteAll !== undefined) await store.deleteAll(keys);
  else await Promise.all(keys.map((key) => store.delete(key)));
}

/** The keys of chunks of a stage, as they are asked for. */
export function* chunkKeys(name: ContentName, indexes: Iterable<number>): Generator<ChunkKey> {
  for (const index of indexes) yield chunkKey(name, index);
}

/** Chunks written at once: each takes an object store many milliseconds. */
const spillsAtOnce = 32;

/** Writes that are under way: who wants a chunk in the store meanwhile waits for the same one. */
const spills = new WeakMap<StageResults, Map<number, Promise<void>>>();

/** Writes inline or given chunks to the store as well, so that they can be read by key. */
export function spillChunks(
  store: ChunkStore,
  results: StageResults,
  indexes: Iterable<number>,
): Promise<void> {
  const writes = spills.get(results) ?? new Map<number, Promise<void>>();
  spills.set(results, writes);
  const all = atOnce(spillsAtOnce, indexes, async (index) => {
    if (!results.isInline(index)) return;
    const write = writes.get(index) ?? spill(store, results, index);
    writes.set(index, write);
    await write.finally(() => writes.delete(index));
  });
  // Once one has failed none is begun, but others are under way.
  const over = all.catch(() => Promise.allSettled(writes.values())).then(() => undefined);
  results.setWriting(over);
  return all;
}

async function spill(store: ChunkStore, results: StageResults, index: number): Promise<void> {
  await store.putIfAbsent(chunkKey(results.stage.name, index), results.inlineBytes(index));
  results.setSpilled(index);
}
