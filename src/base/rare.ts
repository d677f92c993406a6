const nothing: ReadonlySet<never> = new Set();

/** A set that is nearly always empty, and then takes next to no memory: an empty `Set` takes 170 bytes. */
export class RareSet<T> implements Iterable<T> {
  #items: Set<T> | undefined;

  get size(): number {
    return this.#items?.size ?? 0;
  }

  has(item: T): boolean {
    return this.#items?.has(item) ?? false;
  }

  add(item: T): void {
    this.#items ??= new Set();
    this.#items.add(item);
  }

  delete(item: T): boolean {
    return this.#items?.delete(item) ?? false;
  }

  clear(): void {
    this.#items = undefined;
  }

  [Symbol.iterator](): SetIterator<T> {
    const items: ReadonlySet<T> = this.#items ?? nothing;
    return items[Symbol.iterator]();
  }
}

/** A map that is nearly always empty, and then takes next to no memory. */
export class RareMap<K, V> {
  #entries: Map<K, V> | undefined;

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  has(key: K): boolean {
    return this.#entries?.has(key) ?? false;
  }

  get(key: K): V | undefined {
    return this.#entries?.get(key);
  }

  set(key: K, value: V): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  delete(key: K): boolean {
    return this.#entries?.delete(key) ?? false;
  }

  clear(): void {
    this.#entries = undefined;
  }

  entries(): Iterable<[K, V]> {
    return this.#entries?.entries() ?? nothing;
  }

  values(): Iterable<V> {
    return this.#entries?.values() ?? nothing;
  }
}
