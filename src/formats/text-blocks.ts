import { linesOf } from "./text-lines.ts";

const newline = 0x0a;
/** First read past a block's end, to complete its last line; doubled until the line ends. */
const tailBytes = 64 * 1024;

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
 * The lines whose first byte lies in the block. Every line of a file lies in exactly one of its blocks, however small
 * they are: the byte before the block tells whether a line starts with it, and the last line is read to its end.
 */
export async function* linesOfBlock(
  block: TextBlock,
  read: ReadRange,
): AsyncGenerator<readonly string[]> {
  yield* linesOf(piecesOfBlock(block, read));
}

/** The bytes of the block's lines, without those of the line that started before it. */
async function* piecesOfBlock(block: TextBlock, read: ReadRange): AsyncGenerator<Uint8Array> {
  let started = block.start === 0;
  let ended = true;
  for await (let piece of read(started ? 0 : block.start - 1, block.end)) {
    if (!started) {
      const before = piece.indexOf(newline);
      if (before < 0) continue;
      started = true;
      piece = piece.subarray(before + 1);
    }
    if (piece.length === 0) continue;
    ended = piece[piece.length - 1] === newline;
    yield piece;
  }
  if (started && !ended) yield* restOfLine(block, read);
}

async function* restOfLine(block: TextBlock, read: ReadRange): AsyncGenerator<Uint8Array> {
  let start = block.end;
  for (let bytes = tailBytes; start < block.fileBytes; bytes *= 2) {
    const end = Math.min(start + bytes, block.fileBytes);
    for await (const piece of read(start, end)) {
      const last = piece.indexOf(newline);
      if (last >= 0) {
        yield piece.subarray(0, last + 1);
        return;
      }
      yield piece;
    }
    start = end;
  }
}
