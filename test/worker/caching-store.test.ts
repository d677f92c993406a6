import { describe, expect, test } from "vitest";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { CachingStore } from "../../src/worker/caching-store.ts";

const limits = { bytesMax: 100, objectBytesMax: 40 };
const key = (name: string) => makeChunkKey(name);

/** A store that counts reads, behind a cache. */
function cached(): { store: CachingStore; below: MemoryStore; reads: () => number } {
  const below = new MemoryStore();
  let reads = 0;
  const counting: ChunkStore = {
    get: (k) => {
      reads += 1;
      return below.get(k);
    },
    getRange: (k, range) => {
      reads += 1;
      return below.getRange(k, range);
    },
    putIfAbsent: (k, bytes) => below.putIfAbsent(k, bytes),
    list: (prefix) => below.list(prefix),
    delete: (k, version) => below.delete(k, version),
  };
  return { store: new CachingStore(counting, limits), below, reads: () => reads };
}

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(10);
  for (let i = 0; i < count; i++) yield buffer.fill(i);
}

describe("a cache of chunks", () => {
  test("gives what was written or read before without reading it again", async () => {
    const { store, below, reads } = cached();
    await store.putIfAbsent(key("a"), Uint8Array.of(1, 2, 3));
    await below.putIfAbsent(key("b"), Uint8Array.of(4));
    expect(await store.get(key("a"))).toEqual(Uint8Array.of(1, 2, 3));
    expect(await store.getRange(key("a"), { offset: -2, length: 1 })).toEqual(Uint8Array.of(2));
    expect(reads()).toBe(0);
    await store.get(key("b"));
    await store.get(key("b"));
    expect(reads()).toBe(1);
  });

  test("keeps small streams, even if their producer uses one buffer for all pieces", async () => {
    const { store, reads } = cached();
    await store.putIfAbsent(key("a"), pieces(2));
    const expected = new Uint8Array(20).fill(1, 10);
    expect(await store.get(key("a"))).toEqual(expected);
    expect(reads()).toBe(0);
    await store.putIfAbsent(key("b"), pieces(5));
    expect(await store.get(key("b"))).toHaveLength(50);
    expect(reads()).toBe(1);
  });

  test("never keeps more than it may, and drops the longest unused first", async () => {
    const { store, reads } = cached();
    for (const name of ["a", "b", "c"]) {
      await store.putIfAbsent(key(name), new Uint8Array(33));
    }
    await store.get(key("a"));
    await store.putIfAbsent(key("d"), new Uint8Array(33));
    expect(reads()).toBe(0);
    await store.get(key("a"));
    await store.get(key("c"));
    expect(reads()).toBe(0);
    await store.get(key("b"));
    expect(reads()).toBe(1);
  });

  test("does not keep our bytes where another writer's are stored", async () => {
    const { store, below } = cached();
    await below.putIfAbsent(key("a"), Uint8Array.of(1));
    expect(await store.putIfAbsent(key("a"), Uint8Array.of(2))).toBe("existed");
    expect(await store.get(key("a"))).toEqual(Uint8Array.of(1));
  });

  test("forgets what was deleted or found wrong", async () => {
    const { store, below } = cached();
    await store.putIfAbsent(key("a"), Uint8Array.of(1));
    await store.delete(key("a"));
    expect(await store.get(key("a"))).toBeUndefined();
    await store.putIfAbsent(key("a"), Uint8Array.of(2));
    await below.delete(key("a"));
    await below.putIfAbsent(key("a"), Uint8Array.of(3));
    store.forget(key("a"));
    expect(await store.get(key("a"))).toEqual(Uint8Array.of(3));
  });
});
