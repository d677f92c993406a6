import type { Clock } from "../../src/backend/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * Time that jumps to the next thing to happen as soon as everybody waits. Everything simulated is made of promises
 * only, so a turn of the event loop is enough for all that follows from one happening.
 */
export class VirtualTime implements Clock {
  nowMs = 1_000_000;
  #timers: Timer[] = [];
  #order = 0;
  #pumping = false;
  #stopped = false;
  /** Happenings so far. */
  ticks = 0;

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, order: this.#order++, wake };
    if (!this.#stopped) this.#push(timer);
    if (!this.#pumping) {
      this.#pumping = true;
      setImmediate(this.#tick);
    }
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Nothing that was to happen will. */
  stop(): void {
    this.#timers = [];
    this.#stopped = true;
  }

  readonly #tick = (): void => {
    const timer = this.#timers.pop();
    if (timer === undefined) {
      this.#pumping = false;
      return;
    }
    this.ticks++;
    this.nowMs = Math.max(this.nowMs, timer.atMs);
    timer.wake();
    setImmediate(this.#tick);
  };

  /** Keeps the list sorted, the next timer last: there are never many. */
  #push(timer: Timer): void {
    const timers = this.#timers;
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = timers[middle];
      if (other !== undefined && isLater(other, timer)) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  }
}

function isLater(a: Timer, b: Timer): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order);
}
