import { Queue } from "../base/queue.ts";

/** Calls that begin together, and have not begun. */
export interface Waiting {
  start(): void;
  /** They cannot begin, and end so. */
  refuse(error: unknown): void;
}

/** What was submitted in this turn of the program and has not begun: it does when the turn is over, in its order. */
export class WaitingCalls {
  readonly #waiting = new Queue<Waiting>();
  readonly #listeners: (() => void)[] = [];

  /** `listener` is called before any of it begins: nothing can join it any more. */
  onBegin(listener: () => void): void {
    this.#listeners.push(listener);
  }

  add(calls: Waiting): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.begin());
    this.#waiting.add(calls);
  }

  /** Begins all of it now: before anything else is asked of the client, or of the futures. */
  begin(): void {
    // Whoever is told of an end on the way may submit, and begin the rest: so each is taken by itself.
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take()) {
      for (const listener of this.#listeners) listener();
      try {
        next.start();
      } catch (error) {
        next.refuse(error);
      }
    }
  }
}
