import type { Buffer } from "node:buffer";
// Not by name: an older Node has no zstd, and shall get as far as the message that it is too old.
import zlib, { constants, crc32 } from "node:zlib";
import type { Corrupt } from "./chunk-layout.ts";
import { fieldColumns, isFieldColumns, rowsOf } from "./record-column.ts";
import { releaseBytes } from "./release-bytes.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

/** Bytes that a frame of records should have before it is compressed. */
const frameBytes = 256 * 1024;

/** Records of one frame at the most, however small they are. */
const frameRecordsMax = 65_536;
/** Records of the first frame, before their size is known. */
const firstFrameRecords = 512;

/** Frames of so many records that are alike are written field by field. */
const columnRecordsMin = 64;

const packSampleBytesMin = 64 * 1024;
const packRatioMax = 0.7;
/** Frames that are not even tried after one that did not shrink enough. */
const packPause = 16;
const unpackedBytesMax = 2 ** 31 - 1;

/** Where a frame lies in the body, and what it holds. */
export interface Frame {
  readonly offset: number;
  readonly bytes: number;
  readonly checksum: number;
  readonly rows: number;
  readonly packed: boolean;
}

/** Groups records into frames of about `frameBytes`. The caller takes finished frames away with `take`. */
export class FrameBuilder {
  /** Four numbers per frame: bytes, checksum, rows, packed. */
  readonly table: number[] = [];
  rows = 0;
  bodyBytes = 0;
  #pending: unknown[] = [];
  /** Of pending records that are bytes themselves: these may be large from the first on. */
  #pendingBytes = 0;
  #ready: Uint8Array[] = [];
  #recordsWanted = firstFrameRecords;
  #packPause = 0;

  /** Adds the records of a batch. */
  add(batch: readonly unknown[]): void {
    if (this.#pending.length === 0 && batch.length === this.#recordsWanted) {
      this.#write(batch);
      return;
    }
    for (const record of batch) {
      this.#pending.push(record);
      if (record instanceof Uint8Array) this.#pendingBytes += record.length;
      const isFull = this.#pendingBytes >= frameBytes;
      if (isFull || this.#pending.length >= this.#recordsWanted) this.#flush();
    }
  }

  /** Ends the last frame. */
  finish(): void {
    if (this.#pending.length > 0) this.#flush();
  }

  /** The frames finished since the last call. */
  take(): readonly Uint8Array[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #flush(): void {
    const records = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#write(records);
  }

  #write(records: readonly unknown[]): void {
    const plain = encodeRecords(records, this.rows);
    const bytes = this.#pack(plain);
    this.table.push(bytes.length, crc32(bytes), records.length, bytes === plain ? 0 : 1);
    this.#ready.push(bytes);
    this.rows += records.length;
    this.bodyBytes += bytes.length;
    const wanted = Math.floor((frameBytes * records.length) / plain.length);
    this.#recordsWanted = Math.max(1, Math.min(wanted, frameRecordsMax));
  }

  #pack(plain: Uint8Array): Uint8Array {
    if (plain.length < packSampleBytesMin || this.#packPause-- > 0) return plain;
    // In one piece if it pays: pieces would be copied once more.
    const chunkSize = Math.ceil(plain.length * packRatioMax);
    const packed = zlib.zstdCompressSync(plain, {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
      chunkSize,
    });
    const pays = packed.length < plain.length * packRatioMax;
    this.#packPause = pays ? 0 : packPause;
    if (!pays) return plain;
    const { buffer } = packed;
    if (packed.length >= buffer.byteLength / 2) return packed;
    // A few bytes must not hold the buffer that they were packed into: a thousand frames may wait to be written.
    const own = new Uint8Array(packed);
    // Smaller ones share the memory that Node cuts small buffers from.
    if (buffer.byteLength === chunkSize) releaseBytes(new Uint8Array(buffer));
    return own;
  }
}

/** Records as one value; what is no data is told by its position among all records, of which `rows` came before. */
function encodeRecords(records: readonly unknown[], rows: number): Uint8Array {
  try {
    // A few records are read faster as they are.
    const columns = records.length < columnRecordsMin ? undefined : fieldColumns(records);
    return encodeValue(columns ?? records);
  } catch (error) {
    for (const [i, record] of records.entries()) encodeValue(record, `records[${rows + i}]`);
    throw error;
  }
}

/** The frames that a footer's detail lists. */
export function framesOf(detail: unknown, corrupt: Corrupt): readonly Frame[] {
  if (!Array.isArray(detail) || detail.length % 4 !== 0) throw corrupt("its frames are malformed");
  const frames: Frame[] = [];
  let offset = 0;
  for (let i = 0; i < detail.length; i += 4) {
    const [bytes, checksum, rows, packed] = detail.slice(i, i + 4) as [
      number,
      number,
      number,
      number,
    ];
    frames.push({ offset, bytes, checksum, rows, packed: packed === 1 });
    offset += bytes;
  }
  return frames;
}

/** Refuses a frame that is not what was written. */
export function checkFrame(bytes: Uint8Array, frame: Frame, corrupt: Corrupt): void {
  if (bytes.length !== frame.bytes || crc32(bytes) !== frame.checksum) {
    throw corrupt(`the frame at byte ${frame.offset} does not match its checksum`);
  }
}

/** The records of one frame, verified. */
export function decodeFrame(bytes: Uint8Array, frame: Frame, corrupt: Corrupt): readonly unknown[] {
  checkFrame(bytes, frame, corrupt);
  const plain = frame.packed ? unpack(bytes) : bytes;
  const value = decodeValue(plain);
  const records =
    isFieldColumns(value) && value.count === frame.rows ? rowsOf(value, "own") : value;
  if (frame.packed) releaseBytes(new Uint8Array(plain.buffer));
  if (!Array.isArray(records) || records.length !== frame.rows) {
    throw corrupt(`the frame at byte ${frame.offset} is malformed`);
  }
  return records;
}

function unpack(bytes: Uint8Array): Buffer {
  return zlib.zstdDecompressSync(bytes, {
    maxOutputLength: unpackedBytesMax,
    // Most frames come in one piece, which is not copied. What is not written to takes no memory.
    chunkSize: 2 * frameBytes,
  });
}
