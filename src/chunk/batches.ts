/** Records per batch, unless a source has its own reason for another size. */
export const batchRecords = 512;

/**
 * A part of a bag as it flows through a task: arrays of records, one after another. It is read once; a step that
 * takes and gives Batches never holds more than one batch. Sync sources stay sync inside, so awaiting costs one
 * promise per batch, not per record.
 */
export class Batches<T = unknown> implements AsyncIterable<readonly T[]> {
  readonly #source: Iterable<readonly T[]> | AsyncIterable<readonly T[]>;

  constructor(source: Iterable<readonly T[]> | AsyncIterable<readonly T[]>) {
    this.#source = source;
  }

  /** One array as batches. */
  static of<T>(records: readonly T[]): Batches<T> {
    return new Batches(slices(records));
  }

  /** The batches without awaiting, if nothing in them needs it: read either this or the batches themselves. */
  get sync(): Iterable<readonly T[]> | undefined {
    const source = this.#source;
    return Symbol.asyncIterator in source ? undefined : source;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly T[]> {
    const source = this.#source;
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    const iterator = source[Symbol.iterator]();
    return {
      next: async () => iterator.next(),
      return: async () => {
        iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  /** All records in one array: for consumers that really need them at once. */
  async toArray(): Promise<T[]> {
    const records: T[] = [];
    for await (const batch of this) for (const record of batch) records.push(record);
    return records;
  }
}

/** What comes one by one, in batches of the usual size. */
export function* inBatches<T>(records: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const record of records) {
    batch.push(record);
    if (batch.length < batchRecords) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function* slices<T>(records: readonly T[]): Iterable<readonly T[]> {
  if (records.length <= batchRecords) {
    if (records.length > 0) yield records;
    return;
  }
  for (let start = 0; start < records.length; start += batchRecords) {
    yield records.slice(start, start + batchRecords);
  }
}
