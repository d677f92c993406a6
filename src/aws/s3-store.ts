import type {
  ByteStream,
  FarStore,
  ObjectCopy,
  PutOutcome,
  StoredObject,
} from "../backend/chunk-store.ts";
import type { Clock } from "../backend/clock.ts";
import type {
  ObjectAnswer,
  ObjectBucket,
  ObjectFacts,
  ObjectPut,
  ObjectRange,
  ObjectRead,
} from "../backend/object-bucket.ts";
import { atOnce } from "../base/at-once.ts";
import { type ChunkKey, makeChunkKey } from "../base/ids.ts";
import {
  blockOf,
  ChunkPlaces,
  isKeptPlace,
  keptPlace,
  keptPrefix,
  keyOfPlace,
  placesOf,
} from "./chunk-places.ts";
import { bucketPrefixes } from "./deployment.ts";
import { setAside } from "./set-aside.ts";
import { onBucket } from "./store-errors.ts";

/** Up to so many bytes are read by one request; more in such pieces, several at once. */
const pieceBytes = 8 * 2 ** 20;
const piecesAtOnce = 16;
/** The same while an object is copied: it is not in memory then, and little of it should be. */
const copyPiecesAtOnce = 2;
/** Bytes at hand are written by one request up to this size, in parts above. */
const wholeBytesMax = 64 * 2 ** 20;
/** Chunks that are being copied at once: the bucket's pacer lowers that when it must. */
const copiesAtOnce = 64;

/** Of a bucket whose old chunks are taken away by a rule: how long they may be relied on. */
interface Aging {
  readonly clock: Pick<Clock, "now">;
  readonly ageMsMax: number;
}

/**
 * Chunks as objects of one bucket that any number of workers share. Those that are kept lie there twice: under their
 * key, until a lifecycle rule removes that copy, and under `keep/`. Whichever is there is read.
 */
export class S3Store implements FarStore {
  readonly #bucket: ObjectBucket;
  readonly #aging: Aging | undefined;
  readonly #places = new ChunkPlaces();

  /** With `aging`, whoever lists chunks finds none that the rule may take away before long: such are made anew. */
  constructor(bucket: ObjectBucket, aging?: Aging) {
    this.#bucket = bucket;
    this.#aging = aging;
  }

  get(key: ChunkKey, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#readLarge(key, { start: 0, end: Number.POSITIVE_INFINITY }, signal);
  }

  async copyTo(copy: ObjectCopy, key: ChunkKey, signal?: AbortSignal): Promise<void> {
    const first = await this.#find(key, { start: 0, end: pieceBytes }, signal);
    if (first === undefined) return;
    const { bytes, totalBytes } = first;
    const length = bytes.length;
    if (!(await copy.begin(totalBytes))) return;
    await copy.write(bytes, 0);
    await atOnce(copyPiecesAtOnce, pieces(length, totalBytes), async (range) => {
      await copy.write(await this.#readNext(first, range, signal), range.start);
    });
    await copy.end();
  }

  async getRange(
    key: ChunkKey,
    { offset, length }: { readonly offset: number; readonly length: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (length === 0) return (await this.#has(key, signal)) ? new Uint8Array() : undefined;
    if (offset >= 0 && length > pieceBytes) {
      return this.#readLarge(key, { start: offset, end: offset + length }, signal);
    }
    const range = offset < 0 ? { last: -offset } : { start: offset, end: offset + length };
    return (await this.#find(key, range, signal))?.bytes.subarray(0, length);
  }

  async putIfAbsent(key: ChunkKey, bytes: ByteStream, signal?: AbortSignal): Promise<PutOutcome> {
    // A rule may have removed the copy under its key: the kept one counts.
    if (this.#places.isKept(key) && (await this.#has(key, signal))) return "existed";
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
    const kept = new Set<string>();
    for await (const { key: place, ...facts } of this.#kept(keptPrefix(prefix), signal)) {
      const key = makeChunkKey(keyOfPlace(place));
      kept.add(key);
      this.#places.found(place);
      yield { key, ...facts, isKept: true };
    }
    const old: string[] = [];
    for await (const { key, ...facts } of this.#bucket.list(prefix, signal)) {
      if (kept.has(key) || isKeptPlace(key)) continue;
      if (this.#isOld(key, facts.modifiedMs)) old.push(key);
      else yield { key: makeChunkKey(key), ...facts };
    }
    // As long as they are there, nobody can write them anew.
    if (old.length > 0) await this.#bucket.deleteAll(old);
  }

  /** What is kept already is not copied again: whoever was cut off half-way goes on. */
  async keep(keys: Iterable<ChunkKey>): Promise<void> {
    await atOnce(copiesAtOnce, this.#notKept(keys), (key) =>
      onBucket(this.#bucket, () => this.#bucket.copy(key, keptPlace(key))),
    );
  }

  async setAside(key: ChunkKey): Promise<void> {
    await onBucket(this.#bucket, () => setAside(this.#bucket, keyOfPlace(key)));
  }

  async delete(key: ChunkKey, ifVersion?: string): Promise<boolean> {
    const places = placesOf(key);
    return await onBucket(this.#bucket, async () => {
      let wasThere = false;
      for (const place of places) {
        if (ifVersion === undefined) wasThere ||= (await this.#bucket.head(place)) !== undefined;
        else if (await this.#bucket.deleteVersion(place, ifVersion)) wasThere = true;
      }
      if (ifVersion === undefined && wasThere) await this.#bucket.deleteAll(places);
      return wasThere;
    });
  }

  /** What is kept goes too, in the same requests. */
  async deleteAll(keys: readonly ChunkKey[]): Promise<void> {
    await onBucket(this.#bucket, () => this.#bucket.deleteAll(keys.flatMap(placesOf)));
  }

  #kept(prefix: string | undefined, signal?: AbortSignal): AsyncIterable<ObjectFacts> {
    return prefix === undefined ? nothing() : this.#bucket.list(prefix, signal);
  }

  /** Those of `keys` of which there is no kept copy: one listing per block. */
  async *#notKept(keys: Iterable<ChunkKey>): AsyncGenerator<ChunkKey> {
    let block = "";
    let kept = new Set<string>();
    for (const key of keys) {
      if (blockOf(key) !== block) {
        block = blockOf(key);
        const copies = this.#kept(keptPrefix(block));
        kept = await onBucket(this.#bucket, async () => {
          return new Set(await Array.fromAsync(copies, ({ key: place }) => keyOfPlace(place)));
        });
      }
      if (!kept.has(key)) yield key;
    }
  }

  #isOld(key: string, modifiedMs: number): boolean {
    if (this.#aging === undefined || !key.startsWith(bucketPrefixes.chunks)) return false;
    return modifiedMs < this.#aging.clock.now() - this.#aging.ageMsMax;
  }

  /** A part of the object, wherever it lies. */
  async #find(
    key: ChunkKey,
    range: ObjectRange,
    signal: AbortSignal | undefined,
  ): Promise<FoundAt | undefined> {
    for (const place of this.#places.of(key)) {
      const found = await this.#read({ key: place, range }, signal);
      if (found === undefined) continue;
      this.#places.found(place);
      return { ...found, place };
    }
    return undefined;
  }

  async #has(key: ChunkKey, signal: AbortSignal | undefined): Promise<boolean> {
    for (const place of this.#places.of(key)) {
      const facts = await onBucket(this.#bucket, () => this.#bucket.head(place, signal));
      if (facts !== undefined) return true;
    }
    return false;
  }

  /** Bytes from `start` to `end`, or to where the object ends. */
  async #readLarge(
    key: ChunkKey,
    { start: from, end: to }: { readonly start: number; readonly end: number },
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    const first = await this.#find(key, { start: from, end: from + pieceBytes }, signal);
    if (first === undefined) return undefined;
    const { bytes, totalBytes } = first;
    const last = Math.min(to, totalBytes);
    if (from + bytes.length >= last) return bytes;
    const all = new Uint8Array(last - from);
    all.set(bytes);
    await atOnce(piecesAtOnce, pieces(from + bytes.length, last), async ({ start, end }) => {
      const into = all.subarray(start - from, end - from);
      await this.#readNext(first, { start, end, into }, signal);
    });
    return all;
  }

  /** A further piece of the object that `first` is of. */
  async #readNext(
    { place, version }: FoundAt,
    { start, end, into }: Piece,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const read = { key: place, range: { start, end }, version, ...(into && { into }) };
    const piece = await this.#read(read, signal);
    // Deleted, or deleted and made again, meanwhile: whoever tries again finds what is there now.
    if (piece === undefined) throw new Error(`${place}: it was replaced while it was read`);
    return piece.bytes;
  }

  async #read(read: ObjectRead, signal: AbortSignal | undefined): Promise<Found | undefined> {
    const answer = await onBucket(this.#bucket, () => this.#bucket.get(read, signal));
    return answer.kind === "found" ? answer : undefined;
  }
}

type Found = Extract<ObjectAnswer, { kind: "found" }>;
type FoundAt = Found & { readonly place: string };

/** A range of the bytes, and where to put them if not into an array of their own. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly into?: Uint8Array;
}

async function* nothing(): AsyncGenerator<never> {}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const { start, end } of pieces(0, bytes.length)) yield bytes.subarray(start, end);
}

/** Ranges of the bytes from `first` to `last`. */
function* pieces(first: number, last: number): Generator<{ start: number; end: number }> {
  for (let start = first; start < last; start += pieceBytes) {
    yield { start, end: Math.min(start + pieceBytes, last) };
  }
}
