import type { Socket } from "node:net";
import { assert } from "../base/assert.ts";

const headerBytes = 4;

/** A message longer than this is a defect or an attack: nothing so large is sent in one piece. */
const frameBytesMax = 2 ** 30;

/** Sends one message: its length in four bytes, then its bytes. True if the pipe took it all at once. */
export function writeFrame(pipe: Socket, payload: Uint8Array): boolean {
  assert(payload.byteLength <= frameBytesMax, `a message of ${payload.byteLength} bytes`);
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE(payload.byteLength);
  pipe.cork();
  pipe.write(header);
  const taken = pipe.write(payload);
  pipe.uncork();
  return taken;
}

/** Puts messages together from the pieces that a pipe gives. */
export class FrameReader {
  readonly #onFrame: (payload: Uint8Array) => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Bytes of the message that is arriving; `undefined` while its header has not arrived. */
  #wanted: number | undefined;

  constructor(onFrame: (payload: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next piece and hands over every message that it completes. */
  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#bytes < headerBytes) return;
        const header = this.#take(headerBytes);
        this.#wanted = new DataView(header.buffer, header.byteOffset).getUint32(0);
        assert(this.#wanted <= frameBytesMax, `a message of ${this.#wanted} bytes`);
      }
      if (this.#bytes < this.#wanted) return;
      const payload = this.#take(this.#wanted);
      this.#wanted = undefined;
      this.#onFrame(payload);
    }
  }

  /** The next `count` bytes, which have arrived; joined only if they came in several pieces. */
  #take(count: number): Uint8Array {
    this.#bytes -= count;
    const first = this.#pieces[0];
    if (first !== undefined && first.byteLength >= count) {
      if (first.byteLength === count) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const piece = this.#pieces.shift();
      assert(piece !== undefined, "bytes that were counted");
      const part = piece.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.byteLength;
      if (part.byteLength < piece.byteLength) this.#pieces.unshift(piece.subarray(part.byteLength));
    }
    return taken;
  }
}
