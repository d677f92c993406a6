/** A line longer than this is passed on in pieces. */
const lineBytesMax = 1024 * 1024;
const newline = 0x0a;

/** Passes on what a worker prints in whole lines, so that lines of several workers do not mix. */
export class LineForwarder {
  readonly #write: (lines: Uint8Array) => void;
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  constructor(write: (lines: Uint8Array) => void) {
    this.#write = write;
  }

  push(piece: Uint8Array): void {
    const end = piece.lastIndexOf(newline) + 1;
    if (end > 0) {
      this.#rest.push(piece.subarray(0, end));
      this.#flush();
    }
    if (end === piece.byteLength) return;
    this.#rest.push(piece.subarray(end));
    this.#restBytes += piece.byteLength - end;
    if (this.#restBytes > lineBytesMax) this.#flush();
  }

  /** The worker has ended: passes on its last line even if it is not whole. */
  end(): void {
    if (this.#restBytes === 0) return;
    this.#rest.push(Uint8Array.of(newline));
    this.#flush();
  }

  #flush(): void {
    this.#write(Buffer.concat(this.#rest));
    this.#rest = [];
    this.#restBytes = 0;
  }
}
