import { systemCode } from "../base/system-code.ts";
import { type FileSystem, versionOf } from "./file-system.ts";
import { storeError } from "./store-error.ts";

/** Which bytes of a file: a negative `offset` counts from the end. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a file, and the version of the file they were read from. */
export interface FileBytes {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** The bytes of `file` in `range` (all of them by default), fewer if it ends before; `undefined` if it is not there. */
export async function readFile(
  fs: FileSystem,
  file: string,
  range: ByteRange = { offset: 0, length: Number.POSITIVE_INFINITY },
  signal?: AbortSignal,
): Promise<FileBytes | undefined> {
  signal?.throwIfAborted();
  try {
    const fd = fs.open(file, "r");
    try {
      const stat = fs.statOpen(fd);
      const start = range.offset < 0 ? Math.max(0, stat.bytes + range.offset) : range.offset;
      const length = Math.max(0, Math.min(range.length, stat.bytes - start));
      const bytes = await fill(fs, fd, start, new Uint8Array(length));
      signal?.throwIfAborted();
      return { bytes, version: versionOf(stat) };
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw storeError(error, file);
  }
}

/** Large reads are split among the threads that read files: most of their time goes into touching new memory. */
const pieceBytes = 8 * 2 ** 20;

async function fill(
  fs: FileSystem,
  fd: number,
  start: number,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  if (bytes.byteLength <= pieceBytes) return cut(bytes, await fillPiece(fs, fd, start, bytes));
  const reads: Promise<number>[] = [];
  for (let offset = 0; offset < bytes.byteLength; offset += pieceBytes) {
    reads.push(fillPiece(fs, fd, start + offset, bytes.subarray(offset, offset + pieceBytes)));
  }
  // All of them end before the file is closed, also if one fails.
  const settled = await Promise.allSettled(reads);
  let filled = 0;
  for (const [piece, read] of settled.entries()) {
    if (read.status === "rejected") throw read.reason;
    // What lies behind the end of the file is nothing.
    if (filled === piece * pieceBytes) filled += read.value;
  }
  return cut(bytes, filled);
}

async function fillPiece(
  fs: FileSystem,
  fd: number,
  start: number,
  bytes: Uint8Array,
): Promise<number> {
  let filled = 0;
  while (filled < bytes.byteLength) {
    const count = await fs.read(fd, bytes.subarray(filled), start + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function cut(bytes: Uint8Array, length: number): Uint8Array {
  return length === bytes.byteLength ? bytes : bytes.slice(0, length);
}
