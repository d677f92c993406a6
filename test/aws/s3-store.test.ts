import { afterAll, expect, test } from "vitest";
import { S3Store } from "../../src/aws/s3-store.ts";
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
