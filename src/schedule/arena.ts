const blockBytesFirst = 4 * 1024;
/** What a small string may take: so many for each that is expected, and the first block is no larger than needed. */
const smallBytes = 64;
const blockBytesMax = 2 ** 20;

const nothing = new Uint8Array(0);

/** Many small byte strings in a few large buffers: no object per string, and freed by the buffer. */
export class Arena {
  readonly #firstBytes: number;
  #blocks: Uint8Array[] = [];
  /** Per block, how many strings are in it. */
  #counts: number[] = [];
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
      if (this.#counts.at(-1) === 0) this.#blocks[this.#blocks.length - 1] = nothing;
      this.#blocks.push(block);
      this.#counts.push(0);
      this.#used = 0;
    }
    this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) ?? 0) + 1;
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
    return (block ?? nothing).subarray(start, start + length);
  }

  /** The string at `place` is not needed any more: a full block goes with its last one. */
  remove(place: number): void {
    const at = Math.floor(place / blockBytesMax);
    const left = (this.#counts[at] ?? 0) - 1;
    this.#counts[at] = left;
    if (left === 0 && at < this.#blocks.length - 1) this.#blocks[at] = nothing;
  }

  clear(): void {
    this.#counts = [];
    this.#blocks = [];
    this.#used = 0;
  }
}
