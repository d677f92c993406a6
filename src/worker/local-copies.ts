import type { ChunkStore, FarStore } from "../backend/chunk-store.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { ChunkKey } from "../base/ids.ts";
import { CopyFiles, type Disk, type FileRange } from "./copy-files.ts";

/** What a task reads chunks from. */
export type ChunkReader = Pick<ChunkStore, "get" | "getRange"> & {
  /** The next read of `key` must ask the store itself. */
  forget(key: ChunkKey): void;
};

/**
 * Chunks that many tasks read, as files of this worker's own: each is fetched from the store once, and memory holds no
 * more of it than of any other chunk. Whatever goes wrong with a file, the store is read in its place: a task never
 * fails because of its worker's disk. Keys are names of content, so a copy is right even after the store let go of its object.
 */
export class LocalCopies implements ChunkReader {
  readonly #store: FarStore;
  readonly #files: CopyFiles;
  readonly #fetching = new Map<string, Promise<void>>();
  /** Objects for which there was no room, or no disk that could be written to. */
  readonly #refused = new Set<string>();

  /** The folder may have copies of a process that ran here before. */
  constructor(store: FarStore, folder: string, disk?: Disk) {
    this.#store = store;
    this.#files = new CopyFiles(folder, disk);
  }

  async get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const copied = await this.#read(key, (bytes) => ({ offset: 0, length: bytes }), signal);
    return copied ?? this.#store.get(key, signal);
  }

  async getRange(
    key: ChunkKey,
    range: FileRange,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const { offset, length } = range;
    const inFile = (bytes: number): FileRange => {
      const start = Math.min(bytes, offset < 0 ? Math.max(0, bytes + offset) : offset);
      return { offset: start, length: Math.min(length, bytes - start) };
    };
    const copied = await this.#read(key, inFile, signal);
    return copied ?? this.#store.getRange(key, range, signal);
  }

  forget(key: ChunkKey): void {
    this.#files.forget(nameOfBytes(key));
  }

  /** Bytes of the copy, which is made if there is none; `undefined` if there cannot be one. */
  async #read(
    key: ChunkKey,
    range: (bytes: number) => FileRange,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    const name = nameOfBytes(key);
    try {
      if (!(await this.#files.open())) return undefined;
      if (!this.#files.has(name)) await this.#fetchOnce(key, name, signal);
      return await this.#files.read(name, range);
    } catch {
      // The store's own error, if it is one, comes again where it is read in place of the copy.
      return undefined;
    }
  }

  async #fetchOnce(key: ChunkKey, name: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#refused.has(name)) return;
    const known = this.#fetching.get(name);
    if (known !== undefined) return known;
    const fetching = this.#fetch(key, name, signal);
    this.#fetching.set(name, fetching);
    try {
      await fetching;
    } finally {
      this.#fetching.delete(name);
    }
  }

  async #fetch(key: ChunkKey, name: string, signal: AbortSignal | undefined): Promise<void> {
    const copy = this.#files.begin(name);
    try {
      await this.#store.copyTo(copy, key, signal);
    } finally {
      await copy.close();
      if (copy.isRefused) this.#refused.add(name);
    }
  }
}
