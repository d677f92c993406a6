import type { ByteStream, ChunkStore, PutOutcome, StoredObject } from "../backend/chunk-store.ts";
import type { RunStore } from "../backend/run-store.ts";
import type { ChunkKey } from "../base/ids.ts";

/** Chunks in this process's memory: for tests and simulations. Bytes are copied in and out, as on every store. */
export class MemoryStore implements ChunkStore {
  readonly #objects = new Map<ChunkKey, MemoryObject>();
  readonly #now: () => number;
  #writes = 0;

  /** `now` gives the times of writes. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    return this.#objects.get(key)?.bytes.slice();
  }

  async getRange(
    key: ChunkKey,
    range: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const bytes = this.#objects.get(key)?.bytes;
    if (bytes === undefined) return undefined;
    const start = range.offset < 0 ? Math.max(0, bytes.length + range.offset) : range.offset;
    return bytes.slice(start, start + range.length);
  }

  async putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome> {
    const whole = await collect(bytes, signal);
    signal?.throwIfAborted();
    if (this.#objects.has(key)) return "existed";
    this.#writes += 1;
    this.#objects.set(key, {
      bytes: whole,
      modifiedMs: this.#now(),
      version: String(this.#writes),
    });
    return "written";
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    for (const [key, { bytes, modifiedMs, version }] of [...this.#objects]) {
      signal?.throwIfAborted();
      if (key.startsWith(prefix)) yield { key, bytes: bytes.length, modifiedMs, version };
    }
  }

  async delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    if (ifVersion !== undefined && this.#objects.get(key)?.version !== ifVersion) return false;
    return this.#objects.delete(key);
  }
}

/** A stored object and what a listing says of it. */
interface MemoryObject {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
  readonly version: string;
}

async function collect(bytes: ByteStream, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes.slice();
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) {
    signal?.throwIfAborted();
    pieces.push(piece.slice());
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** Run records in this process's memory. */
export class MemoryRunStore implements RunStore {
  readonly #files = new Map<string, MemoryFile>();
  #writes = 0;

  append(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? { pieces: [], version: "" };
    this.#writes += 1;
    file.pieces.push(bytes.slice());
    file.version = String(this.#writes);
    this.#files.set(name, file);
  }

  async replace(name: string, bytes: Uint8Array, ifVersion?: string): Promise<boolean> {
    const version = this.#files.get(name)?.version ?? "";
    if (ifVersion !== undefined && ifVersion !== version) return false;
    this.#writes += 1;
    this.#files.set(name, { pieces: [bytes.slice()], version: String(this.#writes) });
    return true;
  }

  async get(
    name: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined> {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    return { bytes: new Uint8Array(Buffer.concat(file.pieces)), version: file.version };
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.#files.keys()].filter((name) => name.startsWith(prefix));
  }

  async delete(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async deleteVersion(name: string, version: string): Promise<boolean> {
    return this.#files.get(name)?.version === version && this.#files.delete(name);
  }
}

/** A file that grows by pieces. */
interface MemoryFile {
  readonly pieces: Uint8Array[];
  version: string;
}
