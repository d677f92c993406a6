import { chain, isPromise, type MaybePromise } from "../base/maybe-promise.ts";

/** Records per batch, unless a source has its own reason for another size. */
export const batchRecords = 512;

/** Batches one after another, as iterators of both kinds give them: `next` answers with a promise only where it waits. */
export interface BatchIterator<T> {
  next(): MaybePromise<IteratorResult<readonly T[], unknown>>;
  return?(): MaybePromise<unknown>;
}

/** What batches are read from. */
type BatchSource<T> =
  | Iterable<readonly T[]>
  | AsyncIterable<readonly T[]>
  | { readonly open: () => BatchIterator<T> };

/**
 * A part of a bag as it flows through a task: arrays of records, one after another. It is read once; a step that
 * takes and gives Batches never holds more than one batch. Steps over a source that does not wait do not wait either:
 * a promise per batch and step would cost more than what many steps do.
 */
export class Batches<T = unknown> implements AsyncIterable<readonly T[]> {
  readonly #source: BatchSource<T>;

  constructor(source: BatchSource<T>) {
    this.#source = source;
  }

  /** One array as batches. */
  static of<T>(records: readonly T[]): Batches<T> {
    return new Batches(slices(records));
  }

  /** The batches, for one reader. */
  open(): BatchIterator<T> {
    const source = this.#source;
    if ("open" in source) return source.open();
    return Symbol.asyncIterator in source
      ? source[Symbol.asyncIterator]()
      : source[Symbol.iterator]();
  }

  /** What `change` makes of each batch. */
  map<U>(change: (batch: readonly T[]) => MaybePromise<readonly U[]>): Batches<U> {
    return this.flatMap((batch) => chain(change(batch), only));
  }

  /** The batches that `change` makes of each batch; each is asked for when the one before has been used. */
  flatMap<U>(change: (batch: readonly T[]) => MaybePromise<Iterable<readonly U[]>>): Batches<U> {
    return new Batches({ open: () => new ChangedBatches(this.open(), change) });
  }

  /** Calls `each` with each batch, the next one when it is done; without a promise if nothing has to be waited for. */
  visit(each: (batch: readonly T[]) => MaybePromise<unknown>): MaybePromise<void> {
    return visitEach(this.open(), each);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly T[]> {
    const iterator = this.open();
    return {
      next: async () => iterator.next(),
      return: async () => {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  /** All records in one array: for consumers that really need them at once. */
  async toArray(): Promise<T[]> {
    const records: T[] = [];
    await this.visit((batch) => {
      for (const record of batch) records.push(record);
    });
    return records;
  }
}

/** A batch if there is anything in it. */
function only<T>(batch: readonly T[]): readonly (readonly T[])[] {
  return batch.length === 0 ? [] : [batch];
}

class ChangedBatches<T, U> implements BatchIterator<U> {
  readonly #source: BatchIterator<T>;
  readonly #change: (batch: readonly T[]) => MaybePromise<Iterable<readonly U[]>>;
  /** What came of the batch that was read last. */
  #changed: Iterator<readonly U[]> | undefined;
  /** The source has ended. */
  #end: IteratorReturnResult<unknown> | undefined;

  constructor(
    source: BatchIterator<T>,
    change: (batch: readonly T[]) => MaybePromise<Iterable<readonly U[]>>,
  ) {
    this.#source = source;
    this.#change = change;
  }

  next(): MaybePromise<IteratorResult<readonly U[], unknown>> {
    try {
      const found = this.#look();
      return isPromise(found) ? this.#wait(found) : found;
    } catch (error) {
      void closedQuietly(this.#source);
      throw error;
    }
  }

  return(): MaybePromise<unknown> {
    this.#changed?.return?.();
    return this.#source.return?.();
  }

  async #wait(first: Promise<unknown>): Promise<IteratorResult<readonly U[], unknown>> {
    try {
      for (let waits = first; ; ) {
        await waits;
        const found = this.#look();
        if (!isPromise(found)) return found;
        waits = found;
      }
    } catch (error) {
      await closedQuietly(this.#source);
      throw error;
    }
  }

  /** The next batch, or what must have happened before it is looked for again. */
  #look(): IteratorResult<readonly U[], unknown> | Promise<unknown> {
    for (;;) {
      const changed = this.#changed?.next();
      if (changed?.done === false) return changed;
      this.#changed = undefined;
      if (this.#end !== undefined) return this.#end;
      const waits = chain(this.#source.next(), (given) => this.#take(given));
      if (isPromise(waits)) return waits;
    }
  }

  #take(given: IteratorResult<readonly T[], unknown>): MaybePromise<void> {
    if (given.done) {
      this.#end = given;
      return undefined;
    }
    return chain(this.#change(given.value), (changed) => {
      this.#changed = changed[Symbol.iterator]();
    });
  }
}

/** Ends what nobody reads to its end, because of an error that counts more than one from here. */
export async function closedQuietly(batches: BatchIterator<unknown>): Promise<void> {
  try {
    await batches.return?.();
  } catch {
    // What is thrown already tells more.
  }
}

function visitEach<T>(
  batches: BatchIterator<T>,
  visit: (batch: readonly T[]) => MaybePromise<unknown>,
): MaybePromise<void> {
  try {
    for (;;) {
      const given = batches.next();
      if (isPromise(given)) return visitRest(batches, visit, given);
      if (given.done) return undefined;
      const waits = visit(given.value);
      if (isPromise(waits))
        return visitRest(
          batches,
          visit,
          waits.then(() => batches.next()),
        );
    }
  } catch (error) {
    void closedQuietly(batches);
    throw error;
  }
}

async function visitRest<T>(
  batches: BatchIterator<T>,
  visit: (batch: readonly T[]) => MaybePromise<unknown>,
  first: Promise<IteratorResult<readonly T[], unknown>>,
): Promise<void> {
  try {
    for (let given = await first; !given.done; given = await batches.next()) {
      const waits = visit(given.value);
      if (isPromise(waits)) await waits;
    }
  } catch (error) {
    await closedQuietly(batches);
    throw error;
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

/** One array in batches of the usual size. */
export function* slices<T>(records: readonly T[]): Generator<readonly T[]> {
  if (records.length <= batchRecords) {
    if (records.length > 0) yield records;
    return;
  }
  for (let start = 0; start < records.length; start += batchRecords) {
    yield records.slice(start, start + batchRecords);
  }
}
