import type { Clock } from "../backend/clock.ts";
import type { ScaleRange } from "./scale-target.ts";

/** How long all workers must be busy before another one starts, and how long one must be idle before it ends. */
export interface ScalePace {
  readonly growMs: number;
  readonly shrinkMs: number;
}

/**
 * How many workers there may be now, within a range: one more whenever all have been busy for a while, fewer when
 * some were never needed for a while.
 */
export class Slots {
  readonly #clock: Clock;
  readonly #pace: ScalePace;
  readonly #listeners = new Set<(slots: number) => void>();
  #range: ScaleRange;
  #count: number;
  #busy = 0;
  /** Most that were busy at once since the last look. */
  #busyPeak = 0;
  #cancelGrow: (() => void) | undefined;
  #cancelShrink: (() => void) | undefined;

  constructor(range: ScaleRange, clock: Clock, pace: ScalePace) {
    this.#range = range;
    this.#count = range.min;
    this.#clock = clock;
    this.#pace = pace;
  }

  get count(): number {
    return this.#count;
  }

  get busy(): number {
    return this.#busy;
  }

  onChange(listener: (slots: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setRange(range: ScaleRange): void {
    this.#range = range;
    this.#set(Math.min(range.max, Math.max(range.min, this.#count)));
    this.#watch();
  }

  take(): void {
    this.#busy += 1;
    this.#busyPeak = Math.max(this.#busyPeak, this.#busy);
    this.#watch();
  }

  release(): void {
    this.#busy -= 1;
    this.#watch();
  }

  /** No more changes: for a pool that closes. */
  stop(): void {
    this.#cancelGrow?.();
    this.#cancelShrink?.();
    this.#range = { min: this.#count, max: this.#count };
  }

  #watch(): void {
    if (this.#busy < this.#count) {
      this.#cancelGrow?.();
      this.#cancelGrow = undefined;
    } else if (this.#count < this.#range.max) {
      this.#cancelGrow ??= this.#clock.after(this.#pace.growMs, () => this.#grow());
    }
    if (this.#count > this.#range.min) {
      this.#cancelShrink ??= this.#clock.after(this.#pace.shrinkMs, () => this.#shrink());
    }
  }

  #grow(): void {
    this.#cancelGrow = undefined;
    this.#set(Math.min(this.#range.max, this.#count + 1));
    this.#watch();
  }

  #shrink(): void {
    this.#cancelShrink = undefined;
    // One to spare: if all were busy, the next thing to do would be to grow.
    this.#set(Math.max(this.#range.min, Math.min(this.#count, this.#busyPeak + 1)));
    this.#busyPeak = this.#busy;
    this.#watch();
  }

  #set(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    for (const listener of this.#listeners) listener(count);
  }
}
