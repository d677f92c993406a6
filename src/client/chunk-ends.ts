import type { FinishedChunk, TaskFailure } from "../schedule/driver.ts";

/** How one chunk of a target ended. */
export type ChunkEnd =
  | { readonly kind: "done"; readonly chunk: FinishedChunk }
  | { readonly kind: "failed"; readonly failure: TaskFailure }
  /** The work could not go on, by no fault of a task. */
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "cancelled" };

/** How the chunks of one target have ended so far, and who waits for those that have not. */
export class ChunkEnds {
  readonly #ends = new Map<number, ChunkEnd>();
  readonly #waiting = new Map<number, (() => void)[]>();

  /** How chunk `index` has ended; `undefined` while it has not. */
  get(index: number): ChunkEnd | undefined {
    return this.#ends.get(index);
  }

  /** Notes an end, and tells those who wait for it. */
  settle(index: number, end: ChunkEnd): void {
    this.#ends.set(index, end);
    const listeners = this.#waiting.get(index);
    if (!listeners) return;
    this.#waiting.delete(index);
    for (const listener of listeners) tell(listener);
  }

  /** Forgets how chunk `index` ended: it is tried again. */
  reopen(index: number): void {
    this.#ends.delete(index);
  }

  /** Calls `listener` once when chunk `index` has ended, at once if it has. */
  whenEnded(index: number, listener: () => void): void {
    const listeners = this.#waiting.get(index);
    if (this.#ends.has(index)) tell(listener);
    else if (listeners) listeners.push(listener);
    else this.#waiting.set(index, [listener]);
  }
}

/** What a listener throws is the program's: it must not end the work of the others that are told. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
