/**
 * The chunks of one input slot whose mapping reads several: decoded one at a time, in the mapping's order, the next
 * ones being fetched meanwhile. Iterating holds one chunk, `all` holds every chunk; each reads from the start.
 * A piece of an exchange that is empty comes as `undefined`, so that positions stay in step.
 */
export interface InputList<T = unknown> extends AsyncIterable<T> {
  readonly length: number;
  /** Encoded bytes of all chunks, where that is known without reading them. */
  readonly bytes?: number | undefined;
  /** Every chunk at once: for operations whose projected memory counts them all. */
  all(): Promise<T[]>;
}
