const blockBytesFirst = 4 * 1024;
/** What a small string may take: so many for each that is expected, and the first block is no larger than needed. */
const smallBytes = 64;
const blockBytesMax = 2 ** 20;

/** Many small byte strings in a few large buffers: no object per string, and all freed at once. */
export class Arena {
  readonly #firstBytes: number;
  #blocks: Uint8Array[] = [];
  #used = 0;

  /** For about so many strings. */
  constructor(count: number) {
    this.#firstBytes = Math.min(blockBytesFirst, count * smallBytes);
  }

  /** Copies the bytes in and gives the place to find them at. */
  add(bytes: Uint8Array): number {
    const { length } = bytes;
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#used + length > block.length) {
      const doubled = block === undefined ? this.#firstBytes : block.length * 2;
      block = new Uint8Array(Math.max(length, Math.min(doubled, blockBytesMax)));
      this.#blocks.push(block);
      this.#used = 0;
    }
    block.set(bytes, this.#used);
    const place = (this.#blocks.length - 1) * blockBytesMax + this.#used;
    // Where the next string starts must stay below a block's largest size, even after one longer than that.
    this.#used = Math.min(this.#used + length, blockBytesMax);
    return place;
  }

  /** The bytes at `place`, not copied. */
  get(place: number, length: number): Uint8Array {
    const block = this.#blocks[Math.floor(place / blockBytesMax)];
    const start = place % blockBytesMax;
    return (block ?? new Uint8Array(0)).subarray(start, start + length);
  }

  clear(): void {
    this.#blocks = [];
    this.#used = 0;
  }
}
