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
 * fetch user code and captured data again. What cannot be kept is fetched. One process at a time writes there.
 */
export function keepBlobFiles(
  folder: string,
  read: ReadBlob,
  bytesMax: number = filesBytesMax,
): ReadBlob {
  const files = new BlobFiles(folder, bytesMax);
  return async (hash) => {
    const kept = await fs.readFile(path.join(folder, hash)).catch(() => undefined);
    if (kept !== undefined && nameOfBytes(kept) === hash) return kept;
    const bytes = await read(hash);
    await files.keep(hash, bytes).catch(() => undefined);
    return bytes;
  };
}

class BlobFiles {
  readonly #folder: string;
  readonly #bytesMax: number;
  /** Of the files that were there before. */
  #bytesBefore: Promise<number> | undefined;
  #bytesWritten = 0;

  constructor(folder: string, bytesMax: number) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  async keep(hash: ContentName, bytes: Uint8Array): Promise<void> {
    this.#bytesBefore ??= bytesIn(this.#folder);
    const before = await this.#bytesBefore;
    if (before + this.#bytesWritten + bytes.byteLength > this.#bytesMax) return;
    this.#bytesWritten += bytes.byteLength;
    const temporary = path.join(this.#folder, `${hash}-${randomUUID()}`);
    await fs.writeFile(temporary, bytes);
    await fs.rename(temporary, path.join(this.#folder, hash));
  }
}

/** What the files of a folder take; makes it if it is not there. */
async function bytesIn(folder: string): Promise<number> {
  await fs.mkdir(folder, { recursive: true });
  let total = 0;
  for (const name of await fs.readdir(folder)) {
    total += (await fs.stat(path.join(folder, name))).size;
  }
  return total;
}
