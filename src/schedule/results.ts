import { chunkKey, indexesPerBlock, keptChunkKey } from "../backend/chunk-key.ts";
import type { InputRef, OutputSummary, PartSummary } from "../backend/task.ts";
import type { ChunkKey } from "../base/ids.ts";
import { RareMap, RareSet } from "../base/rare.ts";
import type { Stage } from "../plan/stage.ts";
import { Arena } from "./arena.ts";
import type { FinishedChunk } from "./driver.ts";

const absent = 0;
const inline = 1;
const stored = 2;
/** In the store, but nothing is known of it. */
const found = 3;
const kindBits = 3;
const lazyBit = 4;
/** It was found where it stays, and is read there. */
const keptBit = 8;

/** What is known of every task's result. */
interface Columns {
  readonly kinds: Uint8Array;
  /** Where in the arena an inline result lies. */
  readonly places: Float64Array;
  readonly bytes: Float64Array;
  readonly rows: Float64Array;
  readonly checksums: Uint32Array;
  /** The worker that made it, plus one. */
  readonly workers: Uint16Array;
}

/** The parts of one exchange object, in four columns. */
interface Parts {
  readonly offsets: Float64Array;
  /** Length, checksum and rows of each part. */
  readonly facts: Uint32Array;
}

/** Where a stage's chunks lie in the store. */
export interface StoredChunks extends Pick<Stage, "name" | "count"> {
  /** Blocks that have chunks, if that is known; else any may. */
  readonly blocks?: readonly number[];
  /** Resolves when writes are over that are under way: what they write lies there only then. */
  readonly written?: Promise<void>;
}

/** The results of one stage: columns and an arena, about thirty bytes a task plus the bytes of small results. */
export class StageResults {
  readonly stage: Stage;
  readonly #arena: Arena;
  #columns: Columns | undefined;
  #parts = new RareMap<number, Parts>();
  #statistics = new RareMap<number, unknown>();
  /** Inline or given chunks that were written to the store, to be read by key. */
  #spilled = new RareSet<number>();
  /** Of such writes, from when they were asked for until they are over. */
  #writes = new RareSet<Promise<void>>();
  #storedCount = 0;
  #bytesInAll = 0;

  constructor(stage: Stage) {
    this.stage = stage;
    this.#arena = new Arena(stage.count);
  }

  /** True if some chunk of the stage may lie in the store. */
  get mayBeStored(): boolean {
    const isAny = this.#storedCount > 0 || this.#spilled.size > 0 || this.#writes.size > 0;
    return isAny || this.stage.options.store;
  }

  /** Resolves when the writes of inline or given chunks are over that are under way; `undefined` if none is. */
  get written(): Promise<void> | undefined {
    if (this.#writes.size === 0) return undefined;
    return Promise.all(this.#writes).then(() => undefined);
  }

  /** Where chunks lie that may have to be deleted: in all blocks, unless some are known to have any. */
  storedChunks(): StoredChunks {
    const { name, count } = this.stage;
    const { written } = this;
    if (written !== undefined) return { name, count, written };
    const blocks: number[] = [];
    for (let start = 0; start < count; start += indexesPerBlock) {
      const end = Math.min(start + indexesPerBlock, count);
      let index = start;
      while (index < end && !this.isStored(index)) index++;
      if (index < end) blocks.push(start / indexesPerBlock);
    }
    return blocks.length === 0 ? { name, count } : { name, count, blocks };
  }

  /** Bytes of all results noted so far. */
  get bytesInAll(): number {
    return this.#bytesInAll;
  }

  /** Notes a result. */
  set(
    index: number,
    output: OutputSummary,
    from: { readonly worker: number; readonly lazy: boolean },
  ): void {
    const columns = this.#made();
    this.forget(index);
    const kind = output.inline === undefined ? stored : inline;
    if (kind === stored) this.#storedCount++;
    columns.kinds[index] = kind | (from.lazy ? lazyBit : 0);
    if (output.inline !== undefined) columns.places[index] = this.#arena.add(output.inline);
    columns.bytes[index] = output.bytes;
    this.#bytesInAll += output.bytes;
    columns.rows[index] = output.rows;
    columns.checksums[index] = output.checksum;
    columns.workers[index] = from.worker + 1;
    if (output.parts !== undefined) this.#parts.set(index, packParts(output.parts));
    if (output.statistics !== undefined) this.#statistics.set(index, output.statistics);
  }

  /** Notes that a chunk lies in the store; what a journal said of it stays. */
  setFound(index: number, { bytes, isKept }: { bytes: number; isKept: boolean }): void {
    const columns = this.#made();
    if (this.#kind(index) !== absent) return;
    this.#storedCount++;
    columns.kinds[index] = found | (isKept ? keptBit : 0);
    columns.bytes[index] = bytes;
  }

  /** Notes what the footer of a chunk says that was found. */
  setRead(index: number, output: OutputSummary): void {
    const { kinds } = this.#made();
    const place = (kinds[index] ?? 0) & keptBit;
    this.set(index, output, { worker: -1, lazy: false });
    kinds[index] = (kinds[index] ?? 0) | place;
  }

  /** The name under which the store has the chunk. */
  key(index: number): ChunkKey {
    const isKept = ((this.#columns?.kinds[index] ?? 0) & keptBit) !== 0;
    return isKept ? keptChunkKey(this.stage.name, index) : chunkKey(this.stage.name, index);
  }

  forget(index: number): void {
    const { kinds, places } = this.#columns ?? {};
    if (this.#kind(index) === inline) this.#arena.remove(places?.[index] ?? 0);
    if (kinds !== undefined) kinds[index] = absent;
    if (this.#parts.size > 0) this.#parts.delete(index);
    if (this.#statistics.size > 0) this.#statistics.delete(index);
    this.#spilled.delete(index);
  }

  clear(): void {
    this.#arena.clear();
    this.#columns = undefined;
    this.#parts.clear();
    this.#statistics.clear();
    this.#spilled.clear();
    this.#storedCount = 0;
  }

  has(index: number): boolean {
    return this.stage.data !== undefined || this.#kind(index) !== absent;
  }

  /** True if more is known of the chunk than that it is in the store. */
  isKnown(index: number): boolean {
    return this.stage.data !== undefined || (this.has(index) && this.#kind(index) !== found);
  }

  /** True if the bytes are here and not (only) in the store. */
  isInline(index: number): boolean {
    return this.stage.data !== undefined || this.#kind(index) === inline;
  }

  /** True if the chunk is in the store, as far as is known. */
  isStored(index: number): boolean {
    const kind = this.#kind(index);
    return kind === stored || kind === found || this.#spilled.has(index);
  }

  /** Notes that inline or given chunks are being written to the store until `over` resolves, which it always does. */
  setWriting(over: Promise<void>): void {
    this.#writes.add(over);
    void over.then(() => this.#writes.delete(over));
  }

  /** Notes that an inline or given chunk lies in the store too. */
  setSpilled(index: number): void {
    this.#spilled.add(index);
  }

  /** Notes that the store has lost a spilled chunk. */
  unspill(index: number): void {
    this.#spilled.delete(index);
  }

  /** The bytes of an inline or given chunk. */
  inlineBytes(index: number): Uint8Array {
    const { data } = this.stage;
    if (data !== undefined)
      return data.bytes.subarray(data.offsets[index], data.offsets[index + 1]);
    const columns = this.#made();
    return this.#arena.get(columns.places[index] ?? 0, columns.bytes[index] ?? 0);
  }

  /** Where a reader finds the chunk. */
  ref(index: number): InputRef {
    if (this.#isOnlyHere(index)) return { inline: this.inlineBytes(index) };
    return { key: this.key(index) };
  }

  /** Where a reader finds one part of an exchange object. */
  partRef(index: number, part: number): InputRef {
    const parts = this.#parts.get(index);
    if (parts === undefined) return { key: this.key(index), part: { part } };
    const offset = parts.offsets[part] ?? 0;
    const length = parts.facts[3 * part] ?? 0;
    if (this.#isOnlyHere(index)) {
      return { inline: this.inlineBytes(index).subarray(offset, offset + length) };
    }
    const checksum = parts.facts[3 * part + 1] ?? 0;
    return { key: this.key(index), part: { part, offset, length, checksum } };
  }

  /** The worker that made the chunk and may still hold it, if it is in the store. */
  worker(index: number): number | undefined {
    if (this.#columns === undefined || this.isInline(index)) return undefined;
    const worker = this.#columns.workers[index] ?? 0;
    return worker === 0 ? undefined : worker - 1;
  }

  /** The summary; `undefined` if the chunk was only found, or given by the plan. */
  summary(index: number): OutputSummary | undefined {
    const columns = this.#columns;
    const kind = this.#kind(index);
    if (columns === undefined || kind === absent || kind === found) return undefined;
    const known = {
      bytes: columns.bytes[index] ?? 0,
      rows: columns.rows[index] ?? 0,
      checksum: columns.checksums[index] ?? 0,
    };
    const summary = kind === inline ? { ...known, inline: this.inlineBytes(index) } : known;
    return this.#parts.size + this.#statistics.size === 0
      ? summary
      : this.#withExtras(index, summary);
  }

  /** Checksum of a known result. */
  checksum(index: number): number | undefined {
    const kind = this.#kind(index);
    return kind === inline || kind === stored ? this.#columns?.checksums[index] : undefined;
  }

  /** The chunk as clients see it. */
  chunk(index: number): FinishedChunk {
    const summary = this.summary(index);
    const lazy = ((this.#columns?.kinds[index] ?? 0) & lazyBit) !== 0;
    const bytes = this.#spilled.size === 0 ? summary?.inline : undefined;
    const ref = bytes === undefined ? this.ref(index) : { inline: bytes };
    return summary === undefined ? { index, ref, lazy } : { index, ref, lazy, summary };
  }

  /** Bytes and rows of a known result without an object per task: for manifests. */
  addTo(index: number, rows: Float64Array, bytes: Float64Array): void {
    const columns = this.#columns;
    const { data } = this.stage;
    if (data !== undefined) {
      bytes[index] = this.inlineBytes(index).byteLength;
      rows[index] = data.rows?.[index] ?? 0;
    }
    if (columns === undefined) return;
    rows[index] = columns.rows[index] ?? 0;
    bytes[index] = columns.bytes[index] ?? 0;
  }

  statistics(index: number): unknown {
    return this.#statistics.get(index);
  }

  /** Adds the lengths of a chunk's parts to `sums`. */
  addPartBytes(index: number, sums: Float64Array): void {
    const parts = this.#parts.get(index);
    if (parts === undefined) return;
    for (let part = 0; part < sums.length; part++) {
      sums[part] = (sums[part] ?? 0) + (parts.facts[3 * part] ?? 0);
    }
  }

  /** What few results have. */
  #withExtras(index: number, summary: OutputSummary): OutputSummary {
    const parts = this.#parts.get(index);
    const statistics = this.#statistics.get(index);
    return {
      ...summary,
      ...(parts === undefined ? {} : { parts: unpackParts(parts) }),
      ...(statistics === undefined ? {} : { statistics }),
    };
  }

  /** True if the chunk is here, and not in the store too. */
  #isOnlyHere(index: number): boolean {
    return this.isInline(index) && !this.#spilled.has(index);
  }

  #kind(index: number): number {
    return (this.#columns?.kinds[index] ?? absent) & kindBits;
  }

  #made(): Columns {
    if (this.#columns === undefined) {
      const { count } = this.stage;
      this.#columns = {
        kinds: new Uint8Array(count),
        places: new Float64Array(count),
        bytes: new Float64Array(count),
        rows: new Float64Array(count),
        checksums: new Uint32Array(count),
        workers: new Uint16Array(count),
      };
    }
    return this.#columns;
  }
}

function packParts(parts: readonly PartSummary[]): Parts {
  const offsets = new Float64Array(parts.length);
  const facts = new Uint32Array(3 * parts.length);
  for (const [at, { offset, length, checksum, rows }] of parts.entries()) {
    offsets[at] = offset;
    facts[3 * at] = length;
    facts[3 * at + 1] = checksum;
    facts[3 * at + 2] = rows;
  }
  return { offsets, facts };
}

function unpackParts({ offsets, facts }: Parts): PartSummary[] {
  return Array.from(offsets, (offset, at) => ({
    offset,
    length: facts[3 * at] ?? 0,
    checksum: facts[3 * at + 1] ?? 0,
    rows: facts[3 * at + 2] ?? 0,
  }));
}
