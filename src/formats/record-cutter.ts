import type { Delimiter } from "./delimiter.ts";

/** Bytes that are whole records, and where in the text they start. */
export interface TextChunk {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Cuts a text that arrives in pieces where records end. What is held is a piece, and the record that is open. */
export class RecordCutter {
  readonly #delimiter: Delimiter;
  /** The first wanted record starts here or later. */
  readonly #wantedFrom: number;
  #isWanted: boolean;
  /** Bytes of the open record in which no delimiter starts. */
  #open: Uint8Array[] = [];
  #openBytes = 0;
  /** What comes behind them: a delimiter may have started in it. */
  #tail: Uint8Array = new Uint8Array(0);
  #tailStart: number;

  /** `start`: where in the text the first piece starts: at no place that a delimiter reaches over. */
  constructor(
    delimiter: Delimiter,
    { start, wantedFrom }: { readonly start: number; readonly wantedFrom: number },
  ) {
    this.#delimiter = delimiter;
    this.#wantedFrom = wantedFrom;
    this.#isWanted = start === 0 && wantedFrom === 0;
    this.#tailStart = start;
  }

  /** Where the open record starts, if it is wanted; else −1. */
  get openAt(): number {
    return this.#isWanted ? this.#tailStart - this.#openBytes : -1;
  }

  /** Takes the next bytes, and gives the wanted records that are whole now. */
  push(piece: Uint8Array): TextChunk | undefined {
    const bytes = this.#tail.length === 0 ? piece : Buffer.concat([this.#tail, piece]);
    const first = this.#firstWanted(bytes);
    const last = first + this.#delimiter.lastEnd(bytes.subarray(first));
    const start = this.#tailStart - this.#openBytes + first;
    const whole =
      this.#isWanted && last > first ? this.#joined(bytes.subarray(first, last)) : undefined;
    this.#keep(bytes, last);
    return whole && { bytes: whole, start };
  }

  /** The record that is open when the text has ended. */
  end(): TextChunk | undefined {
    if (!this.#isWanted) return undefined;
    const bytes = this.#joined(this.#tail);
    return bytes.length === 0 ? undefined : { bytes, start: this.openAt };
  }

  /** Where in `bytes` the first wanted record starts, which from now on is open; 0 if one was open before or none is. */
  #firstWanted(bytes: Uint8Array): number {
    if (this.#isWanted) return 0;
    const end = this.#delimiter.firstEnd(bytes, this.#wantedFrom - this.#tailStart);
    this.#isWanted = end >= 0;
    return Math.max(end, 0);
  }

  #joined(bytes: Uint8Array): Uint8Array {
    return this.#open.length === 0 ? bytes : Buffer.concat([...this.#open, bytes]);
  }

  /** Keeps what lies behind `end`, the last end of a record. */
  #keep(bytes: Uint8Array, end: number): void {
    if (end > 0) {
      this.#open = [];
      this.#openBytes = 0;
    }
    const { length } = this.#delimiter;
    const tail = Math.max(end, this.#delimiter.align(bytes.length - length + 1));
    if (this.#isWanted && tail > end) {
      // Kept past this piece, and a source may use its buffer again: copied.
      this.#open.push(bytes.slice(end, tail));
      this.#openBytes += tail - end;
    }
    this.#tailStart += tail;
    this.#tail = bytes.slice(tail);
  }
}
