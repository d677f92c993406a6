import type { Clock } from "../backend/clock.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";

/** What a copy is made of, and where it goes. */
export interface JournalCopyParts {
  readonly bucket: ObjectBucket;
  readonly clock: Clock;
  /** The whole local file. */
  readonly read: () => Promise<Uint8Array>;
}

/** A segment is written this long after the first record that is in none. */
const copyEveryMs = 30_000;
const mark = "@";
const offsetDigits = 15;

/**
 * The copy of one journal in the bucket: segments, each an object named by the offset at which it begins. Nothing is
 * copied of a journal that is deleted within the first half minute. A former owner that wakes up may still write
 * segments; those that do not follow the others are passed over, and what they say of the run is true all the same.
 */
export class JournalCopy {
  readonly #name: string;
  readonly #parts: JournalCopyParts;
  /** Bytes of the local file that are copied. */
  #copied = 0;
  /** Segments lie in the bucket that are not of this local file. */
  #isStale = false;
  #endWait: (() => void) | undefined;
  #copying: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(name: string, parts: JournalCopyParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** The journal that an object belongs to; the key itself if it is of none. */
  static nameOf(key: string): string {
    const at = key.lastIndexOf(mark);
    return at < 0 ? key : key.slice(0, at);
  }

  /** The local file has more than before. */
  grown(): void {
    if (this.#isClosed) return;
    this.#endWait ??= this.#parts.clock.after(copyEveryMs, () => {
      this.#endWait = undefined;
      // What cannot be copied now is copied with what comes: the local file has it.
      this.#copy().catch(() => this.grown());
    });
  }

  /** The local file is another one. */
  replaced(): void {
    this.#isStale ||= this.#copied > 0;
    this.#copied = 0;
    this.grown();
  }

  /** The copy goes on from `copied`, which was loaded, if the local file begins with it. */
  resumed(copied: Uint8Array, local: Uint8Array): void {
    const isPrefix = Buffer.compare(copied, local.subarray(0, copied.length)) === 0;
    this.#copied = isPrefix ? copied.length : 0;
    this.#isStale = !isPrefix;
    if (local.length > this.#copied) this.grown();
  }

  /** What is copied: segments that follow each other from the start. */
  async load(): Promise<Uint8Array> {
    const { bucket } = this.#parts;
    const segments: { readonly key: string; readonly offset: number }[] = [];
    let end = 0;
    for await (const { key, bytes } of bucket.list(this.#name + mark)) {
      const offset = Number(key.slice(this.#name.length + mark.length));
      if (offset !== end) continue;
      segments.push({ key, offset });
      end += bytes;
    }
    const whole = new Uint8Array(end);
    for (const { key, offset } of segments) {
      const answer = await bucket.get({ key });
      // Replaced since it was listed: what comes before it is still true.
      if (answer.kind !== "found" || offset + answer.bytes.length > end) {
        return whole.slice(0, offset);
      }
      whole.set(answer.bytes, offset);
    }
    return whole;
  }

  /** Stops copying and says which objects hold the copy. */
  async keys(): Promise<string[]> {
    this.#end();
    await this.#copying.catch(() => {});
    return this.#copied === 0 && !this.#isStale ? [] : this.#listed();
  }

  /** Copies what is not copied yet, if the bucket can be reached, and stops. */
  async close(): Promise<void> {
    const isBehind = this.#endWait !== undefined;
    this.#end();
    if (isBehind) await this.#copy().catch(() => {});
    else await this.#copying.catch(() => {});
  }

  #end(): void {
    this.#isClosed = true;
    this.#endWait?.();
    this.#endWait = undefined;
  }

  #copy(): Promise<void> {
    this.#copying = this.#copying.catch(() => {}).then(() => this.#copyRest());
    return this.#copying;
  }

  async #copyRest(): Promise<void> {
    const { bucket, read } = this.#parts;
    if (this.#isStale) {
      await bucket.deleteAll(await this.#listed());
      this.#isStale = false;
    }
    const start = this.#copied;
    const whole = await read();
    if (whole.length <= start) return;
    const key = `${this.#name}${mark}${String(start).padStart(offsetDigits, "0")}`;
    await bucket.put({ key }, whole.subarray(start));
    this.#copied = whole.length;
  }

  #listed(): Promise<string[]> {
    return Array.fromAsync(this.#parts.bucket.list(this.#name + mark), ({ key }) => key);
  }
}
