import type { Batches } from "../../chunk/batches.ts";

/** Reads a part of a bag in runs of any length, whatever its batches are. */
export class Cursor {
  readonly #batches: AsyncIterator<readonly unknown[]>;
  #batch: readonly unknown[] = [];
  #at = 0;

  constructor(batches: Batches) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The next `count` records, fewer only at the end. */
  async next(count: number): Promise<readonly unknown[]> {
    if (this.#at === 0 && this.#batch.length === count) return this.#take(count);
    const records: unknown[] = [];
    while (records.length < count) {
      if (this.#at === this.#batch.length && !(await this.#advance())) break;
      for (const record of this.#take(count - records.length)) records.push(record);
    }
    return records;
  }

  /** Lets go of what is left. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #take(most: number): readonly unknown[] {
    const end = Math.min(this.#batch.length, this.#at + most);
    const taken = this.#batch.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  async #advance(): Promise<boolean> {
    const next = await this.#batches.next();
    this.#batch = next.done ? [] : next.value;
    this.#at = 0;
    return !next.done;
  }
}
