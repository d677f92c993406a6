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
    if (bytes !== undefined && bytes.byteLength <= this.#limits.objectBytesMax) {
      this.#keep(key, bytes.slice());
    }
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
    const tee = new Tee(bytes, this.#limits.objectBytesMax);
    const outcome = await this.#store.putIfAbsent(key, tee.bytes, signal);
    const written = outcome === "written" ? tee.copy() : undefined;
    if (written !== undefined) this.#keep(key, written);
    return outcome;
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject> {
    return this.#store.list(prefix, signal);
  }

  delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    this.forget(key);
    return this.#store.delete(key, ifVersion);
  }

  /** What is kept of `key` must be read anew. */
  forget(key: ChunkKey): void {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) return;
    this.#objects.delete(key);
    this.#bytes -= bytes.byteLength;
  }

  #use(key: ChunkKey): Uint8Array | undefined {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) return undefined;
    this.#objects.delete(key);
    this.#objects.set(key, bytes);
    return bytes;
  }

  #keep(key: ChunkKey, bytes: Uint8Array): void {
    this.forget(key);
    this.#objects.set(key, bytes);
    this.#bytes += bytes.byteLength;
    for (const oldest of this.#objects.keys()) {
      if (this.#bytes <= this.#limits.bytesMax) break;
      this.forget(oldest);
    }
  }
}

/** Passes bytes on and keeps a copy of them, as long as there are few. */
class Tee {
  readonly bytes: ByteStream;
  readonly #bytesMax: number;
  #pieces: Uint8Array[] | undefined = [];
  #length = 0;

  constructor(bytes: ByteStream, bytesMax: number) {
    this.#bytesMax = bytesMax;
    if (bytes instanceof Uint8Array) {
      this.bytes = bytes;
      this.#add(bytes);
    } else this.bytes = this.#pass(bytes);
  }

  /** All that went through; `undefined` if it was too much. */
  copy(): Uint8Array | undefined {
    if (this.#pieces === undefined) return undefined;
    const copy = new Uint8Array(this.#length);
    let filled = 0;
    for (const piece of this.#pieces) {
      copy.set(piece, filled);
      filled += piece.byteLength;
    }
    return copy;
  }

  async *#pass(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of stream) {
      // A producer may use its buffer again for the next piece. What is too much to keep is not copied.
      const keeps = this.#length + piece.byteLength <= this.#bytesMax;
      this.#add(keeps && this.#pieces !== undefined ? piece.slice() : piece);
      yield piece;
    }
  }

  #add(piece: Uint8Array): void {
    this.#length += piece.byteLength;
    if (this.#length > this.#bytesMax) this.#pieces = undefined;
    this.#pieces?.push(piece);
  }
}
