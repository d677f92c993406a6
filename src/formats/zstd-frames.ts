/** Bytes of a head that are looked at, at the most. */
const headBytesMax = 4;

/**
 * `pieces` of a zstd file, cut anew where frames end. Node's decompressor takes the end of a frame for the end of the
 * file if there is more in the same piece, and says nothing; a frame that comes in a piece of its own it reads.
 */
export async function* cutAtFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let walk = new FrameWalk();
  for await (const piece of pieces) {
    let start = 0;
    for (let at = 0; at < piece.length; ) {
      at = walk.pass(piece, at);
      if (!walk.hasEnded) continue;
      yield piece.subarray(start, at);
      start = at;
      walk = new FrameWalk();
    }
    if (start < piece.length) yield piece.subarray(start);
  }
}

/** The way through one frame, of which only heads are looked at. */
class FrameWalk {
  hasEnded = false;
  readonly #heads = headsOfFrame();
  #head: number[] = [];
  #left: number;

  constructor() {
    this.#left = this.#heads.next().value ?? 0;
  }

  /** Goes on from `at`; gives where the next head or the frame ends, or the piece. */
  pass(piece: Uint8Array, at: number): number {
    const passed = Math.min(this.#left, piece.length - at);
    const looked = Math.min(passed, headBytesMax - this.#head.length);
    this.#head.push(...piece.subarray(at, at + looked));
    this.#left -= passed;
    while (this.#left === 0 && !this.hasEnded) {
      const { done = false, value } = this.#heads.next(this.#head);
      this.#head = [];
      this.#left = value ?? 0;
      this.hasEnded = done;
    }
    return at + passed;
  }
}

/** Asks for the next so many bytes, and is given the first of them, until the frame ends (RFC 8878, section 3.1). */
function* headsOfFrame(): Generator<number, void, readonly number[]> {
  const magic = numberOf(yield 4);
  if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
    yield numberOf(yield 4);
    return;
  }
  // No frame: whoever unpacks it says so.
  if (magic !== 0xfd2fb528) yield Number.POSITIVE_INFINITY;
  const [descriptor = 0] = yield 1;
  yield restOfHeader(descriptor);
  for (let isLast = false; !isLast; ) {
    const block = numberOf(yield 3);
    const isOneByteRepeated = ((block >> 1) & 3) === 1;
    yield isOneByteRepeated ? 1 : block >> 3;
    isLast = (block & 1) === 1;
  }
  const hasChecksum = (descriptor & 4) !== 0;
  if (hasChecksum) yield 4;
}

/** Bytes of window, dictionary and content size. */
function restOfHeader(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionary + size;
}

/** Lowest byte first. */
function numberOf(bytes: readonly number[]): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
