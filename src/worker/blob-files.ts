import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";

/** Reads a blob by its name. */
export type ReadBlob = (hash: ContentName) => Promise<Uint8Array>;

/** Bytes of all files together. */
const filesBytesMax = 256 * 2 ** 20;

/**
 * Keeps blobs as files of a folder that outlives the process: a worker that starts again on the same machine does not
 * fetch user code and captured data again. What cannot be kept is fetched.
 */
export function keepBlobFiles(folder: string, read: ReadBlob): ReadBlob {
  return async (hash) => {
    const file = path.join(folder, hash);
    const kept = await fs.readFile(file).catch(() => undefined);
    if (kept !== undefined && nameOfBytes(kept) === hash) return kept;
    const bytes = await read(hash);
    await keep(folder, hash, bytes).catch(() => undefined);
    return bytes;
  };
}

async function keep(folder: string, hash: ContentName, bytes: Uint8Array): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  let total = bytes.byteLength;
  for (const name of await fs.readdir(folder)) {
    total += (await fs.stat(path.join(folder, name))).size;
  }
  if (total > filesBytesMax) return;
  const temporary = path.join(folder, `${hash}-${randomUUID()}`);
  await fs.writeFile(temporary, bytes);
  await fs.rename(temporary, path.join(folder, hash));
}
