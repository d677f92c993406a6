import type { ByteStream, ChunkStore, PutOutcome, StoredObject } from "../backend/chunk-store.ts";
import type { ChunkKey } from "../base/ids.ts";

/** How much a cache may hold. */
export interface CacheLimits {
  readonly bytesMax: number;
  /** Larger objects are not kept: they would push out many small ones, and copying them is no gain. */
  readonly objectBytesMax: number;
}

/**
 * A store that keeps recently read and written small objects, so that a consumer on the same worker does not read
 * them again. Chunks never change, so what is kept is right for as long as the object exists; readers get copies,
 * since a user's function may write into the arrays it is given.
 */
export class CachingStore implements ChunkStore {
  readonly #store: ChunkStore;
  readonly #limits: CacheLimits;
  /** In order of use, latest last. */
  readonly #objects = new Map<ChunkKey, Uint8Array>();
  #bytes = 0;

  constructor(store: ChunkStore, limits: CacheLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  async get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const kept = this.#use(key);
    if (kept !== undefined) return kept.slice();
    const bytes = await this.#store.get(key, signal);
    if (bytes !== undefined) this.#keep(key, bytes);
    return bytes;
  }

  async getRange(
    key: ChunkKey,
    range: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const kept = this.#use(key);
    if (kept === undefined) return this.#store.getRange(key, range, signal);
    const start = range.offset < 0 ? Math.max(0, kept.length + range.offset) : range.offset;
    return kept.slice(start, start + range.length);
  }

  async putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome> {
    const outcome = await this.#store.putIfAbsent(key, bytes, signal);
    if (outcome === "written" && bytes instanceof Uint8Array) this.#keep(key, bytes);
    return outcome;
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject> {
    return this.#store.list(prefix, signal);
  }

  delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    this.#drop(key);
    return this.#store.delete(key, ifVersion);
  }

  #use(key: ChunkKey): Uint8Array | undefined {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) return undefined;
    this.#objects.delete(key);
    this.#objects.set(key, bytes);
    return bytes;
  }

  #keep(key: ChunkKey, bytes: Uint8Array): void {
    if (bytes.byteLength > this.#limits.objectBytesMax) return;
    this.#drop(key);
    this.#objects.set(key, bytes.slice());
    this.#bytes += bytes.byteLength;
    for (const oldest of this.#objects.keys()) {
      if (this.#bytes <= this.#limits.bytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop(key: ChunkKey): void {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) return;
    this.#objects.delete(key);
    this.#bytes -= bytes.byteLength;
  }
}
