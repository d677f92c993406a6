import type { ObjectBucket } from "../backend/object-bucket.ts";
import { formatBytes } from "../base/byte-size.ts";
import { ownObjects } from "./bucket-contents.ts";
import type { CommandValues } from "./command.ts";
import { type Garbage, type GarbageKind, garbageKinds, garbageOf } from "./garbage.ts";
import { findStack, withBucket } from "./place.ts";
import { daysOf } from "./values.ts";

const daysDefault = 7;
const dayMs = 24 * 3600 * 1000;

/** `lambdask gc`: shows what no run needs any more; with `--delete`, removes it. */
export async function gc(values: CommandValues): Promise<number> {
  const days = daysOf(values, "older-than-days", daysDefault);
  const found = await findStack(values);
  return await withBucket(found, async (bucket) => {
    const olderThanMs = Date.now() - days * dayMs;
    const garbage = await garbageOf(await Array.fromAsync(ownObjects(bucket)), {
      olderThanMs,
      read: (key) => read(bucket, key),
    });
    for (const kind of garbageKinds) console.log(lineOf(kind, garbage));
    if (values["delete"] !== true) {
      console.log(garbage.length === 0 ? "nothing to remove" : "add --delete to remove it");
      return 0;
    }
    await bucket.deleteAll(garbage.map(({ key }) => key));
    console.log(`removed ${garbage.length} objects`);
    return 0;
  });
}

async function read(bucket: ObjectBucket, key: string): Promise<Uint8Array | undefined> {
  const answer = await bucket.get({ key });
  return answer.kind === "found" ? answer.bytes : undefined;
}

function lineOf(kind: GarbageKind, garbage: readonly Garbage[]): string {
  const some = garbage.filter((each) => each.kind === kind);
  const bytes = some.reduce((sum, { object }) => sum + object.bytes, 0);
  return `${kind.padEnd(18)}${String(some.length).padStart(8)} objects  ${formatBytes(bytes)}`;
}
