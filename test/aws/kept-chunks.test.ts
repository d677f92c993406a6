import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { S3Store } from "../../src/aws/s3-store.ts";
import { chunkKey, keptChunkKey } from "../../src/backend/chunk-key.ts";
import { nameOf } from "../../src/base/content-name.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import { encodeChunk } from "../../src/chunk/codec.ts";
import { failNth } from "../emulators/builtin/faults.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";
import { type BucketObjects, objectOf } from "../emulators/builtin/s3-objects.ts";

const s3 = await s3Buckets();
const { log } = s3.emulator;
const dayMs = 86_400_000;

beforeEach(() => {
  s3.emulator.faults = () => undefined;
  log.clear();
});
afterAll(() => s3[Symbol.asyncDispose]());

const name = nameOf("what is kept");
const keys = [0, 1, 2, 1500].map((index) => chunkKey(name, index));
const [one, two] = [chunkKey(name, 0), chunkKey(name, 1)];
const keptOf = (key: ChunkKey): string => key.replace(/^tmp/, "keep");

/** A chunk as tasks write it. */
function chunkOf(value: unknown): Uint8Array {
  const encoded = encodeChunk(value, { wholeBytesMax: 2 ** 20 });
  if (encoded instanceof Promise || encoded.kind !== "whole") throw new Error("no whole chunk");
  return new Uint8Array(encoded.bytes);
}

/** A bucket with chunks, some of them kept; a day passes for nobody but the lifecycle rule. */
async function bucketWith(kept: readonly ChunkKey[]): Promise<{
  readonly objects: BucketObjects;
  /** A process of its own. */
  start(): S3Store;
  /** What the lifecycle rule does in the end. */
  expire(): void;
}> {
  const bucket = s3.bucket();
  const objects = s3.emulator.bucket(bucket.name);
  for (const key of keys) await new S3Store(bucket).putIfAbsent(key, chunkOf(key));
  await new S3Store(bucket).keep(kept);
  log.clear();
  const expire = (): void => {
    for (const key of objects.keys().filter((each) => each.startsWith("tmp/"))) objects.delete(key);
  };
  return { objects, start: () => new S3Store(bucket), expire };
}

function damage(objects: BucketObjects, place: string): void {
  const bytes = Buffer.from(objects.get(place).bytes);
  bytes.fill(0xff, bytes.length - 8);
  objects.put(place, objectOf(bytes, new Map()), {});
}

async function listed(store: S3Store): Promise<string[]> {
  return (await Array.fromAsync(store.list("tmp/"), ({ key }) => key)).sort();
}

describe("a chunk that is kept", () => {
  test("is read and listed when the rule has removed its scratch copy; one that is not is gone", async () => {
    const { start, expire } = await bucketWith([one, two]);
    expire();
    const store = start();
    expect(await store.get(one)).toEqual(chunkOf(one));
    expect(await store.getRange(two, { offset: -4, length: 4 })).toEqual(chunkOf(two).subarray(-4));
    expect(await store.getRange(two, { offset: 0, length: 0 })).toHaveLength(0);
    expect(await store.get(chunkKey(name, 2))).toBeUndefined();
    expect(await listed(start())).toEqual([one, two]);
  });

  test("is not written again by who has read or listed it", async () => {
    const { start, expire, objects } = await bucketWith([one]);
    expire();
    for (const look of [(store: S3Store) => store.get(one), listed]) {
      const store = start();
      await look(store);
      expect(await store.putIfAbsent(one, chunkOf("another"))).toBe("existed");
      expect(await store.putIfAbsent(two, chunkOf(two))).toBe("written");
      objects.delete(two);
    }
  });

  test("is looked for where its block was found last", async () => {
    const { start, expire } = await bucketWith([one, two]);
    expire();
    const store = start();
    await store.get(one);
    expect(log.count("GetObject")).toBe(2);
    await store.get(two);
    expect(log.count("GetObject")).toBe(3);
  });

  test("is read first where it is kept by who has its kept key, and else where it is", async () => {
    const { start, objects, expire } = await bucketWith([one]);
    objects.put(one, objectOf(Buffer.from(chunkOf("another")), new Map()), {});
    expect(await start().get(keptChunkKey(name, 0))).toEqual(chunkOf(one));
    expect(await start().get(one)).toEqual(chunkOf("another"));
    expect(await start().get(keptChunkKey(name, 1))).toEqual(chunkOf(two));
    const found = await Array.fromAsync(start().list("tmp/"));
    expect(found.filter(({ isKept }) => isKept).map(({ key }) => key)).toEqual([one]);
    expire();
    expect(await start().get(keptChunkKey(name, 1))).toBeUndefined();
  });

  test("is listed once while both copies are there, in the order of neither", async () => {
    const { start } = await bucketWith([one]);
    expect(await listed(start())).toEqual([...keys].sort());
    expect(await Array.fromAsync(start().list(""), ({ key }) => key)).toHaveLength(keys.length);
  });

  test("counts whatever its age; a scratch copy beside it stays as it is", async () => {
    const bucket = s3.bucket();
    const now = Date.now();
    const aged = (days: number): S3Store =>
      new S3Store(bucket, { clock: { now: () => now + days * dayMs }, ageMsMax: 3 * dayMs });
    for (const key of [one, two]) await aged(0).putIfAbsent(key, chunkOf(key));
    await aged(0).keep([one]);
    expect(await listed(aged(4))).toEqual([one]);
    // What was too old, and not kept, can be made anew.
    expect(s3.emulator.bucket(bucket.name).keys()).toEqual([keptOf(one), one]);
    expect(await aged(4).putIfAbsent(two, chunkOf(two))).toBe("written");
  });

  test("goes from both places", async () => {
    const { start, objects } = await bucketWith(keys);
    expect(await start().delete(one)).toBe(true);
    expect(await start().delete(one)).toBe(false);
    await start().deleteAll(keys);
    expect(objects.keys()).toEqual([]);
  });
});

describe("keeping chunks", () => {
  test("costs one listing per block and one copy each, and nothing for those that are kept", async () => {
    const { start } = await bucketWith([]);
    await start().keep(keys);
    expect([log.count("ListObjectsV2"), log.count("CopyObject")]).toEqual([2, keys.length]);
    log.clear();
    await start().keep(keys);
    expect([log.count("ListObjectsV2"), log.requests.length]).toEqual([2, 2]);
  });

  test("goes on where it was cut off", async () => {
    const { start, objects } = await bucketWith([]);
    s3.emulator.faults = failNth("CopyObject", [3], {
      kind: "refuse",
      status: 403,
      code: "AccessDenied",
    });
    await expect(start().keep(keys)).rejects.toThrow("no permission");
    s3.emulator.faults = () => undefined;
    const done = objects.keys().filter((key) => key.startsWith("keep/")).length;
    expect(done).toBeLessThan(keys.length);
    log.clear();
    await start().keep(keys);
    expect(log.count("CopyObject")).toBe(keys.length - done);
    expect(objects.keys()).toEqual([...keys.map(keptOf), ...keys].sort());
  });

  test("says so of a chunk that is too large to be copied", async () => {
    const { start } = await bucketWith([]);
    s3.emulator.faults = failNth("CopyObject", [1], {
      kind: "refuse",
      status: 400,
      code: "InvalidRequest",
    });
    await expect(start().keep([one])).rejects.toMatchObject({
      code: "STORE",
      fix: "use smaller chunks",
    });
  });

  test("passes over what is not there", async () => {
    const { start, objects, expire } = await bucketWith([]);
    expire();
    await start().keep(keys);
    expect(objects.keys()).toEqual([]);
  });

  test("costs nothing where nothing is kept: one request to write a chunk, one to read it", async () => {
    const { start } = await bucketWith([]);
    const store = start();
    const key = chunkKey(nameOf("plain"), 0);
    await store.putIfAbsent(key, chunkOf("plain"));
    await store.get(key);
    await store.getRange(key, { offset: -4, length: 4 });
    expect(log.requests.map(({ operation }) => operation)).toEqual([
      "PutObject",
      "GetObject",
      "GetObject",
    ]);
  });
});

describe("a damaged copy", () => {
  const inBad = (objects: BucketObjects): string[] =>
    objects
      .keys()
      .filter((key) => key.startsWith("bad/"))
      .map((key) => key.split("/").slice(2).join("/"));

  test("under the chunk's key makes room for the one that is kept", async () => {
    const { start, objects } = await bucketWith([one]);
    damage(objects, one);
    await start().setAside(one);
    expect(inBad(objects)).toEqual([one]);
    expect(await start().get(one)).toEqual(chunkOf(one));
  });

  test("that is kept is replaced by the other one", async () => {
    const { start, objects, expire } = await bucketWith([one]);
    damage(objects, keptOf(one));
    await start().setAside(one);
    expect(inBad(objects)).toEqual([keptOf(one)]);
    expire();
    expect(await start().get(one)).toEqual(chunkOf(one));
  });

  test("goes with the other one if both are damaged, or neither is by itself", async () => {
    for (const hurt of [[one, keptOf(one)], []]) {
      const { start, objects } = await bucketWith([one]);
      for (const place of hurt) damage(objects, place);
      await start().setAside(one);
      expect(inBad(objects).sort()).toEqual([keptOf(one), one].sort());
      expect(await start().get(one)).toBeUndefined();
    }
  });
});
