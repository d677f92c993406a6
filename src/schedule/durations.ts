const kept = 128;

/** What a stage's finished tasks took: a moving mean for batches, and the latest ones for quantiles. */
export class Durations {
  #meanMs = 0;
  #seen = 0;
  #latest: Float32Array | undefined;
  readonly #wantsQuantiles: boolean;

  constructor(wantsQuantiles: boolean) {
    this.#wantsQuantiles = wantsQuantiles;
  }

  /** Mean of the latest tasks; `undefined` before the first. */
  get meanMs(): number | undefined {
    return this.#seen === 0 ? undefined : this.#meanMs;
  }

  add(ms: number): void {
    const weight = Math.max(1 / (this.#seen + 1), 1 / 64);
    this.#meanMs += (ms - this.#meanMs) * weight;
    if (this.#wantsQuantiles) {
      this.#latest ??= new Float32Array(kept);
      this.#latest[this.#seen % kept] = ms;
    }
    this.#seen++;
  }

  /** The age from which a task counts as a straggler: max(3 · median, p95 + 2 · interquartile range). */
  stragglerMs(): number {
    const sorted = (this.#latest ?? new Float32Array(0))
      .slice(0, Math.min(this.#seen, kept))
      .sort();
    const quantile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? Infinity;
    const spread = quantile(0.75) - quantile(0.25);
    return Math.max(3 * quantile(0.5), quantile(0.95) + 2 * spread);
  }
}
