import { expect, test } from "vitest";
import type { ObjectBucket } from "../../src/backend/object-bucket.ts";
import { contentsOf, ownObjects } from "../../src/cli/bucket-contents.ts";

const keys = [
  "bad/x",
  "blob/00/a",
  "inputs/11/b",
  "keep/22/c/0/0",
  "kept/d",
  "outputs/33/run/0.txt",
  "photos/cat.jpg",
  "runs/e/record",
  "tmp/44/f/0/0",
  "tmp/44/f/0/1",
  "tmpfiles/g",
];

/** A bucket that is listed and nothing else; objects have as many bytes as their keys have letters. */
const bucket = {
  async *list(prefix: string) {
    for (const key of keys) {
      if (key.startsWith(prefix)) yield { key, bytes: key.length, modifiedMs: 0, version: "" };
    }
  },
} satisfies Partial<ObjectBucket> as unknown as ObjectBucket;

test("what lies in a bucket is told without what others have put there", async () => {
  const own = keys.filter((key) => key !== "photos/cat.jpg" && key !== "tmpfiles/g");
  const found = await Array.fromAsync(ownObjects(bucket), ({ key }) => key);
  expect(found.toSorted()).toEqual(own);
  const bytes = own.join("").length;
  expect(await contentsOf(bucket)).toEqual({ objects: 9, bytes, corrupt: 1 });
});
