/**
 * A set of indexes below a fixed count that gives its lowest member quickly: bits, with a bit per word of them above,
 * and so on. Every operation touches one word per level: at most four for a million indexes.
 */
export class ReadySet {
  readonly #levels: Int32Array[] = [];
  #size = 0;

  constructor(count: number) {
    let bits = Math.max(1, count);
    do {
      bits = Math.ceil(bits / 32);
      this.#levels.push(new Int32Array(bits));
    } while (bits > 1);
  }

  get size(): number {
    return this.#size;
  }

  has(index: number): boolean {
    const word = this.#levels[0]?.[index >>> 5] ?? 0;
    return ((word >>> (index & 31)) & 1) === 1;
  }

  add(index: number): void {
    if (this.has(index)) return;
    this.#size++;
    let at = index;
    for (const words of this.#levels) {
      const word = words[at >>> 5] ?? 0;
      words[at >>> 5] = word | (1 << (at & 31));
      if (word !== 0) return;
      at >>>= 5;
    }
  }

  delete(index: number): void {
    if (!this.has(index)) return;
    this.#size--;
    let at = index;
    for (const words of this.#levels) {
      const word = (words[at >>> 5] ?? 0) & ~(1 << (at & 31));
      words[at >>> 5] = word;
      if (word !== 0) return;
      at >>>= 5;
    }
  }

  /** The lowest member, or −1. */
  first(): number {
    if (this.#size === 0) return -1;
    let at = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const word = this.#levels[level]?.[at] ?? 0;
      at = (at << 5) | (31 - Math.clz32(word & -word));
    }
    return at;
  }

  clear(): void {
    if (this.#size === 0) return;
    for (const words of this.#levels) words.fill(0);
    this.#size = 0;
  }
}
