import type { ByteStream, ChunkStore, PutOutcome, StoredObject } from "../backend/chunk-store.ts";
import type { Clock } from "../backend/clock.ts";
import type {
  ObjectAnswer,
  ObjectBucket,
  ObjectPut,
  ObjectRange,
  ObjectRead,
} from "../backend/object-bucket.ts";
import { type ChunkKey, makeChunkKey } from "../base/ids.ts";
import { bucketPrefixes } from "./deployment.ts";
import { onBucket } from "./store-errors.ts";

/** Objects up to this size are read by one request; larger ones in such pieces, several at once. */
const pieceBytes = 8 * 2 ** 20;
const piecesAtOnce = 16;
/** Bytes at hand are written by one request up to this size, in parts above. */
const wholeBytesMax = 64 * 2 ** 20;

/** Of a bucket whose old chunks are taken away by a rule: how long they may be relied on. */
interface Aging {
  readonly clock: Pick<Clock, "now">;
  readonly ageMsMax: number;
}

/** Chunks as objects of one bucket that any number of workers share. */
export class S3Store implements ChunkStore {
  readonly #bucket: ObjectBucket;
  readonly #aging: Aging | undefined;

  /** With `aging`, whoever lists chunks finds none that the rule may take away before long: such are made anew. */
  constructor(bucket: ObjectBucket, aging?: Aging) {
    this.#bucket = bucket;
    this.#aging = aging;
  }

  async get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const first = await this.#read(key, { start: 0, end: pieceBytes }, { signal });
    if (first === undefined) return undefined;
    const { bytes, totalBytes, version } = first;
    if (bytes.length >= totalBytes) return bytes;
    const whole = new Uint8Array(totalBytes);
    whole.set(bytes);
    let next = bytes.length;
    const readSome = async (): Promise<void> => {
      while (next < totalBytes) {
        const start = next;
        const end = Math.min(start + pieceBytes, totalBytes);
        next = end;
        const into = whole.subarray(start, end);
        const piece = await this.#read(key, { start, end }, { signal, version, into });
        // Deleted, or deleted and made again, meanwhile: whoever tries again finds what is there now.
        if (piece === undefined) throw new Error(`${key}: it was replaced while it was read`);
      }
    };
    await Promise.all(Array.from({ length: piecesAtOnce }, readSome));
    return whole;
  }

  async getRange(
    key: ChunkKey,
    { offset, length }: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (length === 0) {
      const found = await onBucket(this.#bucket, () => this.#bucket.head(key, signal));
      return found === undefined ? undefined : new Uint8Array();
    }
    const range = offset < 0 ? { last: -offset } : { start: offset, end: offset + length };
    return (await this.#read(key, range, { signal }))?.bytes.subarray(0, length);
  }

  async putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome> {
    const write = { key, condition: { absent: true } } as const;
    const outcome = await onBucket(this.#bucket, (): Promise<ObjectPut> => {
      if (!(bytes instanceof Uint8Array)) return this.#bucket.upload(write, bytes, signal);
      if (bytes.length <= wholeBytesMax) return this.#bucket.put(write, bytes, signal);
      return this.#bucket.upload(write, slices(bytes), signal);
    });
    // Whether an unclear write was ours or not: what is stored counts, and the caller looks at it.
    return outcome.kind === "written" ? "written" : "existed";
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    const old: string[] = [];
    for await (const { key, ...facts } of this.#bucket.list(prefix, signal)) {
      if (this.#isOld(key, facts.modifiedMs)) old.push(key);
      else yield { key: makeChunkKey(key), ...facts };
    }
    // As long as they are there, nobody can write them anew.
    if (old.length > 0) await this.#bucket.deleteAll(old);
  }

  async delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    return await onBucket(this.#bucket, async () => {
      if (ifVersion !== undefined) return await this.#bucket.deleteVersion(key, ifVersion);
      if ((await this.#bucket.head(key)) === undefined) return false;
      await this.#bucket.deleteAll([key]);
      return true;
    });
  }

  async deleteAll(keys: readonly ChunkKey[]): Promise<void> {
    await onBucket(this.#bucket, () => this.#bucket.deleteAll(keys));
  }

  #isOld(key: string, modifiedMs: number): boolean {
    if (this.#aging === undefined || !key.startsWith(bucketPrefixes.chunks)) return false;
    return modifiedMs < this.#aging.clock.now() - this.#aging.ageMsMax;
  }

  async #read(
    key: ChunkKey,
    range: ObjectRange,
    { signal, ...more }: Pick<ObjectRead, "version" | "into"> & Signalled,
  ): Promise<Extract<ObjectAnswer, { kind: "found" }> | undefined> {
    const read = { key, range, ...more };
    const answer = await onBucket(this.#bucket, () => this.#bucket.get(read, signal));
    return answer.kind === "found" ? answer : undefined;
  }
}

interface Signalled {
  readonly signal: AbortSignal | undefined;
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
  }
}
