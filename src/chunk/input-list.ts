/**
 * The chunks of one input slot whose mapping reads several: decoded one at a time, in the mapping's order, the next
 * ones being fetched meanwhile. Read it once, either by iterating (one chunk held) or with `all` (every chunk held).
 * A piece of an exchange that is empty comes as `undefined`, so that positions stay in step.
 */
export interface InputList<T = unknown> extends AsyncIterable<T> {
  readonly length: number;
  /** Every chunk at once: for operations whose projected memory counts them all. */
  all(): Promise<T[]>;
}
