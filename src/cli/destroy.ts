import { keepsBucketKey } from "../aws/deployment.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { formatBytes } from "../base/byte-size.ts";
import { isAgreed } from "./ask.ts";
import { contentsOf, ownObjects } from "./bucket-contents.ts";
import type { CommandValues } from "./command.ts";
import { findStack, regionOf, withBucket } from "./place.ts";
import { runCdk } from "./run-cdk.ts";

/** `lambdask destroy`: empties the stack's bucket and removes the stack. */
export async function destroy(values: CommandValues): Promise<number> {
  const found = await findStack(values);
  const { stack, deployment, outputs } = found;
  const keepsBucket = outputs.get(keepsBucketKey) === "true";
  const leavesData = values["keep-data"] === true;
  const what = leavesData
    ? `Remove stack ${stack} and leave what lies in its bucket?`
    : await withBucket(found, async (bucket) => {
        const { objects, bytes } = await contentsOf(bucket);
        return `Remove stack ${stack} and ${objects} objects (${formatBytes(bytes)}) in ${deployment.bucketName}?`;
      });
  if (!(await isAgreed(what, values))) return 1;
  if (!leavesData) await withBucket(found, empty);
  const code = await runCdk(["destroy", "--force"], {
    region: regionOf(values),
    context: [`stack=${stack}`],
  });
  if (code === 0 && keepsBucket) console.log(`bucket ${deployment.bucketName} stays`);
  return code;
}

const deletedAtOnce = 1000;

async function empty(bucket: ObjectBucket): Promise<void> {
  let keys: string[] = [];
  for await (const { key } of ownObjects(bucket)) {
    keys.push(key);
    if (keys.length < deletedAtOnce) continue;
    await bucket.deleteAll(keys);
    keys = [];
  }
  await bucket.deleteAll(keys);
}
