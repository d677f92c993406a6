import { bucketPrefixes } from "../aws/deployment.ts";
import type { ObjectBucket, ObjectFacts } from "../backend/object-bucket.ts";

/** What this library has put into the bucket, and nothing else: the bucket may be the user's own. */
export async function* ownObjects(bucket: ObjectBucket): AsyncGenerator<ObjectFacts> {
  for (const prefix of Object.values(bucketPrefixes)) yield* bucket.list(prefix);
}

/** What lies in a bucket, by count. */
export interface BucketContents {
  readonly corrupt: number;
  readonly objects: number;
  readonly bytes: number;
}

/** How much of it there is. */
export async function contentsOf(bucket: ObjectBucket): Promise<BucketContents> {
  const sum = { corrupt: 0, objects: 0, bytes: 0 };
  for await (const { key, bytes } of ownObjects(bucket)) {
    sum.objects++;
    sum.bytes += bytes;
    if (key.startsWith(bucketPrefixes.bad)) sum.corrupt++;
  }
  return sum;
}
