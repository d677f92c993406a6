/** Time as the scheduler sees it: real, or virtual in simulations. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /** Calls `wake` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  after(delayMs: number, wake: () => void): () => void;
}
