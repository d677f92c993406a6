/** Time as the scheduler sees it: real, or virtual in simulations. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /**
   * Calls `wake` once after `delayMs`; the returned function cancels it. Keeps the process alive only if that is said:
   * for what the user's program waits for.
   */
  after(delayMs: number, wake: () => void, options?: { readonly holds: boolean }): () => void;
}
