import type { TextEncoding } from "./text-encoding.ts";

/**
 * What ends a record, in the bytes of a text. Where two would overlap (`aa` in `aaa`) the first one counts, as for
 * `split`: which that is depends on what comes before. So bytes are searched from a start on that none reaches over.
 */
export class Delimiter {
  readonly bytes: Uint8Array;
  /** Bytes of the smallest character; a delimiter starts at a multiple. */
  readonly unit: number;
  /** Whether one may start inside another. */
  readonly overlaps: boolean;

  constructor(bytes: Uint8Array, { unit }: Pick<TextEncoding, "unit">) {
    this.bytes = bytes;
    this.unit = unit;
    this.overlaps = startsInside(bytes, unit);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Where the first one starts that starts at `from` or later; −1 if there is none. */
  find(text: Uint8Array, from: number): number {
    const buffer = bufferOf(text);
    for (let at = from; ; at++) {
      at =
        this.length === 1 ? text.indexOf(this.bytes[0] ?? 0, at) : buffer.indexOf(this.bytes, at);
      if (at < 0 || at % this.unit === 0) return at;
    }
  }

  /** Where the last one starts that starts before `before`; −1 if there is none. */
  findLast(text: Uint8Array, before: number): number {
    const buffer = bufferOf(text);
    for (let at = before - 1; at >= 0; at--) {
      at = buffer.lastIndexOf(this.bytes, at);
      if (at % this.unit === 0) return at;
    }
    return -1;
  }

  /** The first end of a record at `least` or later; −1 if there is none. */
  firstEnd(text: Uint8Array, least: number): number {
    const from = this.overlaps ? 0 : Math.max(0, this.align(least - this.length));
    for (let at = this.find(text, from); at >= 0; at = this.find(text, at + this.length)) {
      if (at + this.length >= least) return at + this.length;
    }
    return -1;
  }

  /** The last end of a record; 0 if there is none. */
  lastEnd(text: Uint8Array): number {
    if (!this.overlaps) {
      const last = this.findLast(text, text.length);
      return last < 0 ? 0 : last + this.length;
    }
    let end = 0;
    for (let at = this.find(text, 0); at >= 0; at = this.find(text, end)) end = at + this.length;
    return end;
  }

  /** The last start of a character at `offset` or before it. */
  align(offset: number): number {
    return Math.floor(offset / this.unit) * this.unit;
  }
}

/** True if a proper start of `bytes` is also an end of them. */
function startsInside(bytes: Uint8Array, unit: number): boolean {
  for (let shift = unit; shift < bytes.length; shift += unit) {
    if (Buffer.compare(bytes.subarray(shift), bytes.subarray(0, bytes.length - shift)) === 0) {
      return true;
    }
  }
  return false;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
