/** The records of a part for a function of `mapPartitions`: read once, record by record, batch by batch, or all at once. */
export interface PartitionRecords<T> extends AsyncIterable<T> {
  /** Some hundred records at a time: the fastest way, in bounded memory. */
  batches(): AsyncIterable<readonly T[]>;
  /** All at once: the partition must fit into the worker's memory. */
  toArray(): Promise<T[]>;
}

/** What a function may give that makes the records of a partition: a list, another iterable, or an asynchronous one. */
export type MadeRecords<U> =
  | Iterable<U>
  | AsyncIterable<U>
  | PromiseLike<Iterable<U> | AsyncIterable<U>>;

/** What lies at the path `P` in a `T`; `never` if there is no such path. */
export type ValueAt<T, P extends readonly unknown[]> = P extends readonly [infer K, ...infer Rest]
  ? K extends keyof NonNullable<T>
    ? ValueAt<NonNullable<T>[K], Rest>
    : never
  : T;

/** A record that has something at `K`. */
export type With<T, K extends keyof T> = T & { readonly [P in K]-?: NonNullable<T[P]> };
