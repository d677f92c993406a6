import { expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { deleteChunks } from "../../src/schedule/chunk-io.ts";
import { StageResults } from "../../src/schedule/results.ts";
import { stageOf } from "./support/stages.ts";

const stage = stageOf({ id: 1, count: 2500 });
const key = (index: number): ChunkKey => chunkKey(stage.name, index);
const from = { worker: 0, lazy: false };
const facts = { bytes: 3, rows: 1, checksum: 1 };

/** A store where requests cost: what it was asked to delete. */
function costly(): { readonly store: ChunkStore; readonly asked: ChunkKey[] } {
  const asked: ChunkKey[] = [];
  const store: ChunkStore = Object.assign(new MemoryStore(), {
    deleteAll: async (keys: readonly ChunkKey[]) => {
      asked.push(...keys);
    },
    list: () => {
      throw new Error("a listing costs");
    },
  });
  return { store, asked };
}

test("of a store where requests cost, blocks without chunks are left alone", async () => {
  const results = new StageResults(stage);
  results.set(3, { ...facts, inline: new Uint8Array(3) }, from);
  results.set(1007, facts, from);
  const { store, asked } = costly();
  await deleteChunks(store, results.storedChunks());
  expect(asked).toEqual(Array.from({ length: 1000 }, (_, i) => key(1000 + i)));
  results.setSpilled(3);
  results.setFound(2499, { bytes: 3, isKept: true });
  expect(results.storedChunks().blocks).toEqual([0, 1, 2]);
});

test("all blocks may have chunks where nothing is known of any", async () => {
  const { store, asked } = costly();
  await deleteChunks(store, new StageResults(stage).storedChunks());
  expect(asked.toSorted()).toEqual(Array.from({ length: 2500 }, (_, i) => key(i)).toSorted());
});

test("a store that lists is asked, whatever is known", async () => {
  const store = new MemoryStore();
  for (const index of [0, 1007, 2499]) await store.putIfAbsent(key(index), Uint8Array.of(1));
  const other = chunkKey(stageOf({ id: 2, count: 1 }).name, 0);
  await store.putIfAbsent(other, Uint8Array.of(1));
  await deleteChunks(store, { ...stage, blocks: [1] });
  expect(await Array.fromAsync(store.list(""), (object) => object.key)).toEqual([other]);
});
