import type { InputRef } from "../backend/task.ts";
import { atOnce } from "../base/at-once.ts";
import type { InputList } from "../chunk/input-list.ts";
import type { InputReader } from "./input-reader.ts";

/** Chunks fetched at once, the one that is waited for included. */
const fetchesMax = 4;
/** Bytes that may lie fetched ahead of the consumer. The planner's projections count on no more. */
const aheadBytesMax = 16 * 2 ** 20;

/** A slot of which the task reads nothing, as those of most bags that are joined to one: shared by all. */
export const noChunks: InputList = {
  length: 0,
  bytes: 0,
  all: () => Promise.resolve([]),
  [Symbol.asyncIterator]: async function* () {},
};

/** An input slot of several chunks, read in order, the next ones while the consumer works. */
export class ChunkInputs implements InputList {
  readonly #refs: readonly InputRef[];
  readonly #reader: InputReader;
  /** What the first chunk of unknown size had: its neighbours will be like it. */
  #typicalBytes: number | undefined;

  constructor(refs: readonly InputRef[], reader: InputReader) {
    this.#refs = refs;
    this.#reader = reader;
  }

  get length(): number {
    return this.#refs.length;
  }

  get bytes(): number | undefined {
    let sum = 0;
    for (const ref of this.#refs) {
      const bytes = "inline" in ref ? ref.inline.length : ref.part?.length;
      if (bytes === undefined) return undefined;
      sum += bytes;
    }
    return sum;
  }

  async all(): Promise<unknown[]> {
    const refs = this.#refs;
    // What came with the task is decoded at once: most lists of small work are such.
    if (refs.every((ref) => "inline" in ref)) return refs.map((ref) => this.#reader.read(ref));
    const chunks: unknown[] = new Array(refs.length);
    await atOnce(fetchesMax, refs.entries(), async ([i, ref]) => {
      chunks[i] = await this.#reader.read(ref);
    });
    return chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    const ahead: Promise<unknown>[] = [];
    const sizes: number[] = [];
    let aheadBytes = 0;
    for (let i = 0; i < this.#refs.length; i++) {
      for (let next = i + ahead.length; next < this.#refs.length; next++) {
        const bytes = this.#bytes(next);
        const fits = ahead.length < fetchesMax && aheadBytes + bytes <= aheadBytesMax;
        if (next > i && !fits) break;
        ahead.push(this.#fetch(next));
        sizes.push(bytes);
        aheadBytes += bytes;
      }
      const before = this.#reader.bytes;
      const chunk = await ahead.shift();
      aheadBytes -= sizes.shift() ?? 0;
      // Nothing else was fetched beside the first chunk of unknown size, so the meter tells what it had.
      this.#typicalBytes ??= this.#reader.bytes - before;
      yield chunk;
    }
  }

  /** Bytes that a chunk will take; more than may be fetched ahead until one of unknown size has come. */
  #bytes(i: number): number {
    const ref = this.#refs[i];
    if (ref === undefined) return 0;
    if ("inline" in ref) return ref.inline.length;
    return ref.part?.length ?? this.#typicalBytes ?? aheadBytesMax + 1;
  }

  #fetch(i: number): Promise<unknown> {
    const ref = this.#refs[i];
    const fetched = Promise.resolve(ref === undefined ? undefined : this.#reader.read(ref));
    // A failure counts when its turn comes; until then it must not pass for an unhandled one.
    fetched.catch(() => {});
    return fetched;
  }
}
