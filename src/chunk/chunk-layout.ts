import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { LambdaskError } from "../base/errors.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

/** Version of the chunk format. Any version keeps the last 8 bytes as they are here, so that it can be told. */
export const chunkVersion = 2;

/** What a chunk holds. Numbers are part of the stored format. */
export const chunkKind = {
  value: 1,
  block: 2,
  batches: 3,
  parts: 4,
  /** Parts that are a piece of others: where an object was cut behind one, its end must not pass for the object's own. */
  innerParts: 5,
} as const;

/** The number of a kind of chunk. */
export type ChunkKind = (typeof chunkKind)[keyof typeof chunkKind];

const magic = 0x6b_61; // "ak", the end of every chunk but for the checksum
const headMagic = [0x4c, 0x44, 0x41, 0x53] as const; // "LDAS"
const headBytesMin = 8;
const tailBytes = 32;
const detailBytesMax = 64 * 2 ** 20;
const lazyFlag = 1;

/** Bytes before the body: a block's body starts at 64, so that its typed array is aligned. */
export function headBytes(kind: ChunkKind): number {
  return kind === chunkKind.block ? 64 : headBytesMin;
}

/** What the end of a chunk says of it. */
export interface ChunkFooter {
  readonly kind: ChunkKind;
  /** Records, rows or elements. */
  readonly rows: number;
  readonly bodyBytes: number;
  /** Of the whole body; 0 where `detail` holds checksums of its pieces. */
  readonly bodyChecksum: number;
  /** The value is lazy work as data, which the client runs. */
  readonly lazy: boolean;
  /** Dtype and shape of a block, frames of batches, pieces of parts, what a value is that is only a large view. */
  readonly detail: unknown;
  /** What the operation reported. */
  readonly statistics: unknown;
}

/** A footer as it was read, with what follows from it. */
export interface ReadFooter extends ChunkFooter {
  /** Checksum over the footer, which holds the body's: it stands for the whole chunk. */
  readonly checksum: number;
  /** Bytes of the whole chunk. */
  readonly chunkBytes: number;
}

/** Makes the error for bytes that are not what was written; callers add which chunk it is. */
export type Corrupt = (detail: string) => Error;

/** The error for corrupt bytes where nobody knows which chunk they belong to. */
export const corruptChunk: Corrupt = (detail) =>
  new LambdaskError("CORRUPT_CHUNK", { message: `a chunk is damaged: ${detail}` });

const heads = new Map<ChunkKind, Uint8Array>();

/** The bytes before the body: shared, so never to be changed. */
export function encodeHead(kind: ChunkKind): Uint8Array {
  let head = heads.get(kind);
  if (head === undefined) {
    head = new Uint8Array(headBytes(kind));
    head.set([...headMagic, chunkVersion, kind]);
    heads.set(kind, head);
  }
  return head;
}

/** The footer as bytes, and the checksum that stands for the whole chunk. */
export function encodeFooter(footer: ChunkFooter): { bytes: Buffer; checksum: number } {
  const { detail, statistics } = footer;
  const isBare = detail === undefined && statistics === undefined;
  const body = isBare ? emptyBytes : encodeValue([detail, statistics], "statistics");
  const bytes = Buffer.allocUnsafe(body.length + tailBytes);
  bytes.set(body);
  const tail = body.length;
  bytes.writeDoubleLE(footer.bodyBytes, tail);
  bytes.writeDoubleLE(footer.rows, tail + 8);
  bytes.writeUInt32LE(footer.bodyChecksum, tail + 16);
  bytes.writeUInt32LE(body.length, tail + 20);
  bytes[tail + 24] = footer.kind;
  bytes[tail + 25] = footer.lazy ? lazyFlag : 0;
  bytes[tail + 26] = 0;
  bytes[tail + 27] = chunkVersion;
  const checksum = crc32(bytes.subarray(0, tail + 28)) ^ magic;
  bytes.writeUInt32LE(checksum >>> 0, tail + 28);
  return { bytes, checksum: checksum >>> 0 };
}

const emptyBytes = new Uint8Array(0);

/** Bytes from a chunk's end that hold its footer: asked for once more if `end` holds fewer. */
export function footerBytes(end: Uint8Array, corrupt: Corrupt): number {
  if (end.length < headBytesMin + tailBytes) throw corrupt(`only ${end.length} bytes`);
  return tailBytes + viewOf(end).getUint32(end.length - 12, true);
}

/** The footer at the end of `end`, the last bytes of a chunk (or all of them). */
export function decodeFooter(end: Uint8Array, corrupt: Corrupt): ReadFooter {
  const length = footerBytes(end, corrupt);
  if (length > end.length || length > detailBytesMax) throw corrupt("its footer is cut off");
  const start = end.length - length;
  const view = viewOf(end);
  const tail = end.length - tailBytes;
  const checksum = view.getUint32(tail + 28, true);
  if ((crc32(end.subarray(start, tail + 28)) ^ magic) >>> 0 !== checksum) {
    throw corrupt("the checksum of its footer does not match");
  }
  if (end[tail + 27] !== chunkVersion) throw wrongVersion(end[tail + 27]);
  const kind = kindOf(end[tail + 24], corrupt);
  const bodyBytes = view.getFloat64(tail, true);
  const [detail, statistics] = decodeDetail(end.subarray(start, tail), corrupt);
  return {
    kind,
    rows: view.getFloat64(tail + 8, true),
    bodyBytes,
    bodyChecksum: view.getUint32(tail + 16, true),
    lazy: end[tail + 25] === lazyFlag,
    detail,
    statistics,
    checksum,
    chunkBytes: headBytes(kind) + bodyBytes + length,
  };
}

/** Refuses a whole chunk whose beginning or length is not what its footer says. */
export function checkWhole(bytes: Uint8Array, footer: ReadFooter, corrupt: Corrupt): void {
  if (bytes.length !== footer.chunkBytes) {
    throw corrupt(`${bytes.length} bytes instead of ${footer.chunkBytes}`);
  }
  const head = encodeHead(footer.kind);
  for (let i = 0; i < head.length; i++) {
    if (head[i] !== bytes[i]) throw corrupt("its header is damaged");
  }
}

function decodeDetail(bytes: Uint8Array, corrupt: Corrupt): readonly [unknown, unknown] {
  if (bytes.length === 0) return [undefined, undefined];
  const pair = decodeValue(bytes);
  if (!Array.isArray(pair)) throw corrupt("its footer is malformed");
  return [pair[0], pair[1]];
}

const kinds: readonly ChunkKind[] = Object.values(chunkKind);

function kindOf(number: number | undefined, corrupt: Corrupt): ChunkKind {
  for (const kind of kinds) if (kind === number) return kind;
  throw corrupt(`its kind ${number} is unknown`);
}

function wrongVersion(version: number | undefined): LambdaskError {
  return new LambdaskError("MISMATCH", {
    message: `a chunk of format version ${version} was read by a worker that knows version ${chunkVersion}`,
    fix: "use a store of its own per version of lambdask, or delete the old one",
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
