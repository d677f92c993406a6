import { afterAll, describe, expect, test } from "vitest";
import { S3Store } from "../../src/aws/s3-store.ts";
import { blockPrefix, chunkKey } from "../../src/backend/chunk-key.ts";
import type { ChunkStore, StoredObject } from "../../src/backend/chunk-store.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { CachingStore } from "../../src/worker/caching-store.ts";
import { s3Target } from "../emulators/s3-target.ts";
import { losesLinkAnswers, shortTransfers, withoutLinks } from "./odd-file-systems.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const s3 = await s3Target();
afterAll(() => s3[Symbol.asyncDispose]());

const implementations: Record<string, (folder: string) => ChunkStore | Promise<ChunkStore>> = {
  memory: () => new MemoryStore(),
  files: (folder) => new FileStore(folder),
  "files without links": (folder) => new FileStore(folder, withoutLinks),
  "files whose link answers get lost": (folder) => new FileStore(folder, losesLinkAnswers),
  "files moved 3 bytes at a time": (folder) => new FileStore(folder, shortTransfers),
  "files behind a cache": (folder) =>
    new CachingStore(new FileStore(folder), { bytesMax: 1000, objectBytesMax: 100 }),
  [`S3 on ${s3.name}`]: async () => new S3Store(await s3.bucket()),
};

const name = nameOf("a stage");
const key = chunkKey(name, 7);
const absent = chunkKey(name, 8);

async function* pieces(...parts: number[][]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Uint8Array.from(part);
}

async function listed(store: ChunkStore, prefix: string): Promise<StoredObject[]> {
  const found = await Array.fromAsync(store.list(prefix));
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

describe.each(Object.entries(implementations))("a store of %s", (_, make) => {
  test("gives back what was put, at once or as a stream", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    expect(await store.putIfAbsent(key, Uint8Array.of(1, 2, 3, 4, 5))).toBe("written");
    expect(await store.putIfAbsent(absent, pieces([6], [], [7, 8, 9, 10]))).toBe("written");
    expect([...((await store.get(key)) ?? [])]).toEqual([1, 2, 3, 4, 5]);
    expect([...((await store.get(absent)) ?? [])]).toEqual([6, 7, 8, 9, 10]);
  });

  test("keeps the first of two writes", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    await store.putIfAbsent(key, Uint8Array.of(1));
    expect(await store.putIfAbsent(key, Uint8Array.of(2))).toBe("existed");
    expect(await store.putIfAbsent(key, pieces([3]))).toBe("existed");
    expect([...((await store.get(key)) ?? [])]).toEqual([1]);
  });

  test("reads ranges from the start, from the end and past the end", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    await store.putIfAbsent(key, Uint8Array.of(10, 11, 12, 13, 14, 15));
    const range = async (offset: number, length: number): Promise<number[]> => [
      ...((await store.getRange(key, { offset, length })) ?? []),
    ];
    expect(await range(1, 4)).toEqual([11, 12, 13, 14]);
    expect(await range(-2, 2)).toEqual([14, 15]);
    expect(await range(-2, 1)).toEqual([14]);
    expect(await range(-99, 2)).toEqual([10, 11]);
    expect(await range(4, 99)).toEqual([14, 15]);
    expect(await range(6, 1)).toEqual([]);
    expect(await range(99, 1)).toEqual([]);
  });

  test("says undefined for what is not there", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    expect(await store.get(key)).toBeUndefined();
    expect(await store.getRange(key, { offset: 0, length: 1 })).toBeUndefined();
    expect(await store.delete(key)).toBe(false);
    expect(await listed(store, "")).toEqual([]);
  });

  test("keeps an empty object", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    expect(await store.putIfAbsent(key, new Uint8Array())).toBe("written");
    expect(await store.get(key)).toHaveLength(0);
  });

  test("lists by any prefix", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    const keys = [chunkKey(name, 1), chunkKey(name, 12), chunkKey(name, 1500)];
    for (const each of keys) await store.putIfAbsent(each, Uint8Array.of(1, 2, 3));
    const other = makeChunkKey("blob/ab/abcd");
    await store.putIfAbsent(other, Uint8Array.of(1));
    const names = async (prefix: string): Promise<string[]> =>
      (await listed(store, prefix)).map((object) => object.key);
    expect(await names(blockPrefix(name, 0))).toEqual([keys[0], keys[1]]);
    expect(await names(`${blockPrefix(name, 0)}12`)).toEqual([keys[1]]);
    expect(await names("bl")).toEqual([other]);
    expect(await names("blob/")).toEqual([other]);
    expect(await names("")).toEqual([other, ...keys].sort());
    expect(await names("no/such/")).toEqual([]);
    expect((await listed(store, "blob/"))[0]?.bytes).toBe(1);
  });

  test("deletes what is there, and a version only while it has it", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    await store.putIfAbsent(key, Uint8Array.of(1));
    const [first] = await listed(store, "");
    await store.delete(key);
    await store.putIfAbsent(key, Uint8Array.of(2, 2));
    const [second] = await listed(store, "");
    expect(await store.delete(key, first?.version)).toBe(false);
    expect([...((await store.get(key)) ?? [])]).toEqual([2, 2]);
    expect(await store.delete(key, second?.version)).toBe(true);
    expect(await store.get(key)).toBeUndefined();
    expect(await listed(store, "")).toEqual([]);
  });

  test("lets one of 32 writers at once win, and all read its bytes", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    const outcomes = await Promise.all(
      Array.from({ length: 32 }, (_, writer) =>
        store.putIfAbsent(key, pieces([writer, writer], [writer])),
      ),
    );
    const winner = outcomes.indexOf("written");
    expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
    expect([...((await store.get(key)) ?? [])]).toEqual([winner, winner, winner]);
    expect(await listed(store, "")).toHaveLength(1);
  });

  test("leaves nothing behind when a stream breaks off or is cancelled", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new RangeError("the user's own");
    }
    await expect(store.putIfAbsent(key, breaking())).rejects.toThrow(RangeError);
    const cancelled = AbortSignal.abort(new Error("enough"));
    await expect(store.putIfAbsent(key, pieces([1]), cancelled)).rejects.toThrow("enough");
    await expect(store.get(key, cancelled)).rejects.toThrow("enough");
    expect(await store.get(key)).toBeUndefined();
    expect(await store.putIfAbsent(key, Uint8Array.of(2))).toBe("written");
  });

  test("is not changed through the arrays it was given or gave", async () => {
    using folder = temporaryFolder();
    const store = await make(folder.path);
    const given = Uint8Array.of(1, 2, 3);
    await store.putIfAbsent(key, given);
    given.fill(9);
    (await store.get(key))?.fill(8);
    (await store.getRange(key, { offset: 0, length: 2 }))?.fill(7);
    expect([...((await store.get(key)) ?? [])]).toEqual([1, 2, 3]);
  });
});
