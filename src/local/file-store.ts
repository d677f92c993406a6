import path from "node:path";
import type { ByteStream, ChunkStore, PutOutcome, StoredObject } from "../backend/chunk-store.ts";
import { temporaryName } from "../backend/temporary-name.ts";
import { type ChunkKey, makeChunkKey } from "../base/ids.ts";
import { systemCode } from "../base/system-code.ts";
import { discard, type FileSystem, nodeFileSystem, versionOf } from "./file-system.ts";
import { listFiles } from "./list-files.ts";
import { publish, writeTemporary } from "./publish.ts";
import { type ByteRange, readFile } from "./read-file.ts";
import { onStore, storeError } from "./store-error.ts";
import { removeEmptyFolders } from "./store-folder.ts";
import { pathOf } from "./store-path.ts";

/**
 * Chunks as files under one root that any number of processes share. A chunk is written to a temporary file in its
 * own folder and then linked to its name: no reader sees a part of it, and one of many writers wins. Nothing is
 * synced to the disk: chunks can be made again.
 */
export class FileStore implements ChunkStore {
  readonly root: string;
  readonly #fs: FileSystem;

  constructor(root: string, fs: FileSystem = nodeFileSystem) {
    this.root = path.resolve(root);
    this.#fs = fs;
  }

  async get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return (await readFile(this.#fs, pathOf(this.root, key), undefined, signal))?.bytes;
  }

  async getRange(
    key: ChunkKey,
    range: ByteRange,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    return (await readFile(this.#fs, pathOf(this.root, key), range, signal))?.bytes;
  }

  async putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome> {
    const target = pathOf(this.root, key);
    signal?.throwIfAborted();
    if (bytes instanceof Uint8Array && onStore(target, () => this.#fs.stat(target)) !== undefined) {
      return "existed";
    }
    const temporary = await writeTemporary(this.#fs, target, bytes, signal);
    return publish(this.#fs, temporary, target);
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    for (const { name, stat } of listFiles(this.#fs, this.root, prefix)) {
      signal?.throwIfAborted();
      yield {
        key: makeChunkKey(name),
        bytes: stat.bytes,
        modifiedMs: stat.modifiedMs,
        version: versionOf(stat),
      };
    }
  }

  async delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    const target = pathOf(this.root, key);
    try {
      const stat = this.#fs.stat(target);
      if (stat === undefined) return false;
      if (ifVersion === undefined) {
        this.#fs.unlink(target);
      } else if (versionOf(stat) !== ifVersion || !this.#deleteVersion(target, ifVersion)) {
        return false;
      }
      removeEmptyFolders(this.#fs, this.root, target);
      return true;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storeError(error, target);
    }
  }

  /** Moves the file out of sight before the last look at it: it may have been replaced since the first. */
  #deleteVersion(target: string, version: string): boolean {
    const aside = temporaryName(target);
    this.#fs.rename(target, aside);
    const stat = this.#fs.stat(aside);
    const matches = stat !== undefined && versionOf(stat) === version;
    if (matches || this.#fs.stat(target) !== undefined) discard(this.#fs, aside);
    else this.#fs.rename(aside, target);
    return matches;
  }
}
