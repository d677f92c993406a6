/** First in, first out. An array's own `shift` moves all that is left, once that is much: a loop of them is quadratic. */
export class Queue<T extends object> {
  /** What was taken is not held here any more. */
  #items: (T | undefined)[] = [];
  /** Of `#items`, how many were taken. */
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** The first that is left, if any is. */
  take(): T | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#items[this.#taken] = undefined;
    this.#taken += 1;
    // Now and then, so that each item is moved about once in all.
    if (this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  /** Takes all that is left. */
  takeAll(): T[] {
    const rest = this.#items.slice(this.#taken) as T[]; // Only those that were taken are gone.
    this.#items = [];
    this.#taken = 0;
    return rest;
  }
}
