import type { ObjectBucket } from "../backend/object-bucket.ts";
import { isSound } from "../chunk/check-chunk.ts";
import { keptPlace, placesOf } from "./chunk-places.ts";
import { bucketPrefixes } from "./deployment.ts";

/**
 * Moves those copies of a chunk to `bad/` that are not what was written: another one goes on being read, and takes
 * the place of a kept one. If each is sound by itself all go, for somebody found them wrong.
 */
export async function setAside(bucket: ObjectBucket, key: string): Promise<void> {
  const sound: string[] = [];
  const bad: string[] = [];
  for (const place of placesOf(key)) {
    const moved = await moveUnless(isSound, { bucket, place });
    if (moved !== undefined) (moved ? bad : sound).push(place);
  }
  if (bad.length === 0) {
    for (const place of sound) await moveUnless(() => false, { bucket, place });
  } else if (bad.includes(keptPlace(key)) && sound.length > 0) {
    await bucket.copy(key, keptPlace(key));
  }
}

/** True if the object was moved, false if it passed; `undefined` if there is none. */
async function moveUnless(
  passes: (bytes: Uint8Array) => boolean,
  { bucket, place }: { readonly bucket: ObjectBucket; readonly place: string },
): Promise<boolean | undefined> {
  const found = await bucket.get({ key: place });
  if (found.kind !== "found") return undefined;
  const { bytes, version } = found;
  if (passes(bytes)) return false;
  const write = {
    key: `${bucketPrefixes.bad}${version}/${place}`,
    condition: { absent: true },
  } as const;
  await bucket.put(write, bytes);
  await bucket.deleteVersion(place, version);
  return true;
}
