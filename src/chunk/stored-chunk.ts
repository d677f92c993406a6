import { crc32 } from "node:zlib";
import { decodeFrame, type Frame, framesOf } from "./batch-frames.ts";
import { Batches } from "./batches.ts";
import {
  type Corrupt,
  chunkKind,
  decodeFooter,
  footerBytes,
  headBytes,
  type ReadFooter,
} from "./chunk-layout.ts";
import { decodeChunk } from "./codec.ts";
import { piecesOf } from "./encode-parts.ts";
import { type ChunkSummary, summaryOf } from "./encoded-chunk.ts";
import { releaseBytes } from "./release-bytes.ts";
import { valueOfBytes } from "./special.ts";
import { startOfView } from "./value-codec.ts";

/**
 * How the bytes of a stored chunk are read. What comes is the reader's own, and given back when it is decoded. Each call
 * rejects with the caller's own error if the chunk is gone.
 */
export interface ChunkBytes {
  /** The last `length` bytes, or all if there are fewer. */
  end(length: number): Promise<Uint8Array>;
  range(offset: number, length: number): Promise<Uint8Array>;
  whole(): Promise<Uint8Array>;
  readonly corrupt: Corrupt;
  /** The checksum that the writer told, if known. */
  readonly checksum?: number | undefined;
}

/** Read first: the footer of nearly every chunk, and all of a small one. */
const endBytes = 64 * 1024;

/** Batches up to this size are fetched at once, larger ones as they are read. */
const streamedBytesMin = 4 * 2 ** 20;

/** Frames are fetched in runs of about this size, the next run while one is decoded. */
const runBytes = 2 * 2 ** 20;

/** The footer of a stored chunk. */
export async function readFooter(chunk: ChunkBytes): Promise<ReadFooter> {
  return (await readEnd(chunk)).footer;
}

/** What the stored footer says of a chunk. */
export async function readSummary(chunk: ChunkBytes): Promise<ChunkSummary> {
  const footer = await readFooter(chunk);
  const { chunkBytes: bytes, checksum } = footer;
  const parts =
    footer.kind === chunkKind.parts ? piecesOf(footer.detail, chunk.corrupt) : undefined;
  return summaryOf(footer, { bytes, checksum }, parts);
}

/** The content of a stored chunk; large batches are fetched while they are read. */
export async function readChunk(chunk: ChunkBytes): Promise<unknown> {
  const { footer, end } = await readEnd(chunk);
  const { corrupt, checksum } = chunk;
  if (end.length >= footer.chunkBytes) return decodeChunk(end, { corrupt, checksum });
  if (footer.kind === chunkKind.value && typeof footer.detail === "number") {
    return readView(chunk, footer, footer.detail);
  }
  if (footer.kind !== chunkKind.batches || footer.chunkBytes < streamedBytesMin) {
    const bytes = await chunk.whole();
    const content = decodeChunk(bytes, { corrupt, checksum });
    if (footer.kind === chunkKind.value) releaseBytes(bytes);
    return content;
  }
  checkSame(chunk, footer);
  return new Batches(streamedRecords(chunk, footer));
}

/** A value that is only a large view: its bytes are read to where they stay. */
async function readView(chunk: ChunkBytes, footer: ReadFooter, kind: number): Promise<unknown> {
  const { corrupt } = chunk;
  checkSame(chunk, footer);
  const start = startOfView(kind, 0).length;
  const length = footer.bodyBytes - start;
  const bytes = await chunk.range(headBytes(footer.kind) + start, length);
  const checksum = crc32(bytes, crc32(startOfView(kind, length)));
  if (bytes.length !== length || checksum !== footer.bodyChecksum) {
    throw corrupt("the checksum of its body does not match");
  }
  const { buffer } = bytes;
  const isAll = buffer instanceof ArrayBuffer && buffer.byteLength === length;
  return valueOfBytes(kind, isAll ? buffer : new Uint8Array(bytes).buffer);
}

/** Refuses another chunk than the one that the writer told of. */
function checkSame({ checksum, corrupt }: ChunkBytes, footer: ReadFooter): void {
  if (checksum === undefined || checksum === footer.checksum) return;
  throw corrupt("it is another chunk than the one that was written");
}

async function readEnd(chunk: ChunkBytes): Promise<{ footer: ReadFooter; end: Uint8Array }> {
  let end = await chunk.end(endBytes);
  const length = footerBytes(end, chunk.corrupt);
  if (length > end.length && end.length === endBytes) end = await chunk.end(length);
  return { footer: decodeFooter(end, chunk.corrupt), end };
}

async function* streamedRecords(
  chunk: ChunkBytes,
  footer: ReadFooter,
): AsyncIterable<readonly unknown[]> {
  const start = headBytes(footer.kind);
  const runs = runsOf(framesOf(footer.detail, chunk.corrupt));
  const fetch = (run: Run | undefined): Promise<Uint8Array> | undefined => {
    const fetched = run && chunk.range(start + run.offset, run.bytes);
    // A failure counts when its run is awaited; until then it must not pass for an unhandled one.
    fetched?.catch(() => {});
    return fetched;
  };
  let next = fetch(runs[0]);
  for (const [i, run] of runs.entries()) {
    const bytes = (await next) ?? new Uint8Array(0);
    next = fetch(runs[i + 1]);
    for (const frame of run.frames) {
      const offset = frame.offset - run.offset;
      yield decodeFrame(bytes.subarray(offset, offset + frame.bytes), frame, chunk.corrupt);
    }
    releaseBytes(bytes);
  }
}

interface Run {
  readonly offset: number;
  readonly bytes: number;
  readonly frames: readonly Frame[];
}

function runsOf(frames: readonly Frame[]): readonly Run[] {
  const runs: { offset: number; bytes: number; frames: Frame[] }[] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last !== undefined && last.bytes + frame.bytes <= runBytes) {
      last.frames.push(frame);
      last.bytes += frame.bytes;
    } else {
      runs.push({ offset: frame.offset, bytes: frame.bytes, frames: [frame] });
    }
  }
  return runs;
}
