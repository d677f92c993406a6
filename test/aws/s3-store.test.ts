import { afterAll, describe, expect, test } from "vitest";
import { S3Store } from "../../src/aws/s3-store.ts";
import type { ObjectCopy } from "../../src/backend/chunk-store.ts";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";

const s3 = await s3Buckets();
afterAll(() => s3[Symbol.asyncDispose]());

/** The bucket as it would list what was written before it got so old. */
function aged(bucket: ObjectBucket, keys: ReadonlySet<string>, ageMs: number): ObjectBucket {
  const list = bucket.list.bind(bucket);
  bucket.list = async function* (prefix) {
    for await (const object of list(prefix)) {
      const { key, modifiedMs } = object;
      yield keys.has(key) ? { ...object, modifiedMs: modifiedMs - ageMs } : object;
    }
  };
  return bucket;
}

test("a chunk older than half of its time is not found, and can be made anew", async () => {
  const now = Date.now();
  const ageMsMax = 3_600_000;
  const [old, young] = [makeChunkKey("tmp/ab/name/0/0"), makeChunkKey("tmp/ab/name/0/1")];
  const bucket = aged(s3.bucket(), new Set([old]), 2 * ageMsMax);
  for (const key of [old, young]) {
    await new S3Store(bucket).putIfAbsent(key, Buffer.from("first"));
  }
  // Workers and others that only look: nothing is old for them.
  expect(await keysOf(new S3Store(bucket))).toEqual([old, young]);
  const store = new S3Store(bucket, { clock: { now: () => now }, ageMsMax });
  expect(await keysOf(store)).toEqual([young]);
  expect(await store.putIfAbsent(old, Buffer.from("second"))).toBe("written");
  expect(await store.putIfAbsent(young, Buffer.from("second"))).toBe("existed");
});

async function keysOf(store: S3Store): Promise<string[]> {
  return (await Array.fromAsync(store.list("tmp/ab/name/0/"))).map(({ key }) => key);
}

const key = makeChunkKey("tmp/ab/large/0/0");
/** A piece and a bit, in which no two places are alike. */
const bytes = Uint8Array.from({ length: 9 * 2 ** 20 }, (_, i) => (i >> 20) + (i & 7));

/** A bucket with the object, and the ranges that are read of it. */
async function stored(): Promise<{ bucket: ObjectBucket; store: S3Store; reads: unknown[] }> {
  const bucket = s3.bucket();
  const reads: unknown[] = [];
  const get = bucket.get.bind(bucket);
  bucket.get = (read, signal) => {
    reads.push(read.range);
    return get(read, signal);
  };
  const store = new S3Store(bucket);
  await store.putIfAbsent(key, bytes);
  return { bucket, store, reads };
}

describe("a large part of an object", () => {
  test("comes in requests of 8 MiB at once, and ends where the object does", async () => {
    const { store, reads } = await stored();
    const offset = 1000;
    const ranges = [
      { length: bytes.length - 2 * offset, end: bytes.length - offset },
      { length: 2 * bytes.length, end: bytes.length },
    ];
    for (const { length, end } of ranges) {
      const read = await store.getRange(key, { offset, length });
      expect(Buffer.compare(read ?? new Uint8Array(), bytes.subarray(offset, end))).toBe(0);
      const middle = offset + 2 ** 23;
      expect(reads.splice(0)).toEqual([
        { start: offset, end: middle },
        { start: middle, end },
      ]);
    }
    expect(await store.getRange(key, { offset: bytes.length, length: 2 ** 24 })).toHaveLength(0);
    expect(await store.getRange(makeChunkKey("tmp/none"), { offset, length: 2 ** 24 })).toBe(
      undefined,
    );
  });
});

describe("an object that is copied", () => {
  interface Taken {
    readonly copy: ObjectCopy;
    readonly whole: Uint8Array;
    readonly told: unknown[];
  }

  /** A copy in memory, with what it was told. */
  function copyOf(takes: boolean, onWrite = async (): Promise<void> => {}): Taken {
    const told: unknown[] = [];
    const whole = new Uint8Array(bytes.length);
    const copy: ObjectCopy = {
      begin: async (length) => {
        told.push(length);
        return takes;
      },
      write: async (piece, offset) => {
        await onWrite();
        whole.set(piece, offset);
      },
      end: async () => {
        told.push("end");
      },
    };
    return { copy, whole, told };
  }

  test("comes whole, in one request per 8 MiB", async () => {
    const { store, reads } = await stored();
    const { copy, whole, told } = copyOf(true);
    await store.copyTo(copy, key);
    expect(Buffer.compare(whole, bytes)).toBe(0);
    expect(told).toEqual([bytes.length, "end"]);
    expect(reads).toEqual([
      { start: 0, end: 2 ** 23 },
      { start: 2 ** 23, end: bytes.length },
    ]);
  });

  test("comes no further than to its size if it is not wanted, and not at all if it is not there", async () => {
    const { store, reads } = await stored();
    const { copy, told } = copyOf(false);
    await store.copyTo(copy, key);
    await store.copyTo(copy, makeChunkKey("tmp/ab/none/0/0"));
    expect(told).toEqual([bytes.length]);
    expect(reads).toHaveLength(3); // The last one looks in two places.
  });

  test("never has pieces of two objects: it is not whole if it was replaced meanwhile", async () => {
    const { bucket, store } = await stored();
    let writes = 0;
    const { copy, told } = copyOf(true, async () => {
      if (writes++ > 0) return;
      await bucket.deleteAll([key]);
      await store.putIfAbsent(key, new Uint8Array(bytes.length));
    });
    await expect(store.copyTo(copy, key)).rejects.toThrow(/replaced while it was read/);
    expect(told).toEqual([bytes.length]);
  });
});
