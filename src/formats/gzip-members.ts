import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";

/**
 * What the members of a gzip file hold. Node's decompressor takes zeros behind a member for the end of the file, whatever
 * follows them, and says nothing; where something does, another one goes on there.
 */
export async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = new PackedBytes(pieces);
  try {
    do {
      const gunzip = zlib.createGunzip();
      const given = Readable.from(
        packed.give(() => gunzip.bytesWritten),
        { objectMode: false },
      );
      // An error on either side destroys the transform, and reading it reports the error.
      yield* pipeline(given, gunzip, () => {});
      await packed.takeBack(gunzip.bytesWritten);
    } while (await packed.passZeros());
  } finally {
    await packed.close();
  }
}

/** The bytes of a file, which are read once; those that a reader has been given and has left are given again. */
class PackedBytes {
  readonly #pieces: AsyncIterator<Uint8Array, unknown>;
  #reading: Promise<unknown> = Promise.resolve();
  /** Come first when bytes are given again. */
  #left: Uint8Array[] = [];
  /** Given to the reader of now, which has not used all of the first of them yet; where that starts, for the reader. */
  #given: Uint8Array[] = [];
  #givenStart = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** All bytes from here on, for a reader that tells how many of them it has used. */
  async *give(used: () => number): AsyncGenerator<Uint8Array> {
    this.#givenStart = 0;
    for (;;) {
      const reading = this.#next();
      this.#reading = reading.then(
        (piece) => piece && this.#given.push(piece),
        () => undefined,
      );
      const piece = await reading;
      if (piece === undefined) return;
      this.#forget(used());
      yield piece;
    }
  }

  /** Takes back what the reader has not used of what it was given. */
  async takeBack(used: number): Promise<void> {
    // A piece may be on its way to a reader that has ended.
    await this.#reading;
    this.#forget(used);
    const [first, ...others] = this.#given.splice(0);
    if (first) this.#left.unshift(first.subarray(used - this.#givenStart), ...others);
  }

  /** Leaves zeros out; false if nothing else is left. */
  async passZeros(): Promise<boolean> {
    for (let piece = await this.#next(); piece; piece = await this.#next()) {
      const start = piece.findIndex((byte) => byte !== 0);
      if (start < 0) continue;
      this.#left.unshift(piece.subarray(start));
      return true;
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const left = this.#left.shift();
    if (left) return left;
    const next = await this.#pieces.next();
    return next.done ? undefined : next.value;
  }

  #forget(used: number): void {
    for (let first = this.#given[0]; first; first = this.#given[0]) {
      if (this.#givenStart + first.length > used) return;
      this.#givenStart += first.length;
      this.#given.shift();
    }
  }
}
