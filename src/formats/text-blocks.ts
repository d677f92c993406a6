import type { Delimiter } from "./delimiter.ts";
import { RecordCutter, type TextChunk } from "./record-cutter.ts";

/** First read past a block's end, to complete its last record; doubled until the record ends. */
const tailBytes = 64 * 1024;
/** First read before a block's start, to tell delimiters that overlap apart; doubled until that is certain. */
const headBytes = 4 * 1024;

/** A file's bytes `[start, end)` in pieces. */
export type ReadRange = (start: number, end: number) => AsyncIterable<Uint8Array>;

/** A block of a text file: the bytes in which its records start. */
export interface TextBlock {
  readonly start: number;
  readonly end: number;
  /** Bytes of the whole file. */
  readonly fileBytes: number;
}

/** Number of blocks of `blockBytes` in a file; an empty file has one. */
export function blockCount(fileBytes: number, blockBytes: number): number {
  return Math.max(1, Math.ceil(fileBytes / blockBytes));
}

/**
 * The records whose first byte lies in the block. Every record of a file lies in exactly one of its blocks, however
 * small they are: the bytes before the block tell whether one starts with it, and the last one is read to its end.
 */
export async function* chunksOfBlock(
  block: TextBlock,
  delimiter: Delimiter,
  read: ReadRange,
): AsyncGenerator<TextChunk> {
  const start = await searchStart(block.start, delimiter, read);
  const cutter = new RecordCutter(delimiter, { start, wantedFrom: block.start });
  let seen = start;
  for await (const piece of onward(start, block, read)) {
    seen += piece.length;
    const chunk = cutter.push(piece);
    const some = chunk && startedBefore(block.end, chunk, delimiter);
    if (some) yield some;
    if (cutter.openAt >= block.end || (cutter.openAt < 0 && seen >= block.end)) return;
  }
  const last = cutter.end();
  if (last) yield last;
}

/** The records of a text that arrives in pieces. */
export async function* chunksOfText(
  pieces: AsyncIterable<Uint8Array>,
  delimiter: Delimiter,
): AsyncGenerator<TextChunk> {
  const cutter = new RecordCutter(delimiter, { start: 0, wantedFrom: 0 });
  for await (const piece of pieces) {
    const chunk = cutter.push(piece);
    if (chunk) yield chunk;
  }
  const last = cutter.end();
  if (last) yield last;
}

/** The records of `chunk` that start before `end`. */
function startedBefore(
  end: number,
  { bytes, start }: TextChunk,
  delimiter: Delimiter,
): TextChunk | undefined {
  if (start + bytes.length <= end) return { bytes, start };
  if (start >= end) return undefined;
  return { bytes: bytes.subarray(0, delimiter.firstEnd(bytes, end - start)), start };
}

/** The block from `start` on, then the rest of the file in ever larger reads. */
async function* onward(
  start: number,
  block: TextBlock,
  read: ReadRange,
): AsyncGenerator<Uint8Array> {
  yield* read(start, block.end);
  let at = block.end;
  for (let bytes = tailBytes; at < block.fileBytes; bytes *= 2) {
    const end = Math.min(at + bytes, block.fileBytes);
    yield* read(at, end);
    at = end;
  }
}

/**
 * Where to search from for the first record that starts at `blockStart` or later: so far before it that its delimiter
 * is seen, and at no place that a delimiter reaches over.
 */
async function searchStart(
  blockStart: number,
  delimiter: Delimiter,
  read: ReadRange,
): Promise<number> {
  const latest = delimiter.align(blockStart - delimiter.length);
  if (latest <= 0) return 0;
  if (!delimiter.overlaps) return latest;
  for (let bytes = headBytes; ; bytes *= 2) {
    const from = Math.max(0, delimiter.align(latest - delimiter.length - bytes));
    // Kept past each piece, and a source may use its buffer again: copied.
    const pieces = await Array.fromAsync(read(from, blockStart), (piece) => piece.slice());
    const before = Buffer.concat(pieces);
    const found = from + lastFree(before, delimiter, latest - from);
    if (from === 0 || found - delimiter.length >= from) return found;
  }
}

/** The last place up to `latest` that no delimiter reaches over, as far as `text` tells. */
function lastFree(text: Uint8Array, delimiter: Delimiter, latest: number): number {
  let free = latest;
  for (;;) {
    const last = delimiter.findLast(text, free);
    if (last <= free - delimiter.length || last < 0) return free;
    free = last;
  }
}
