/** Asking the system costs more than a small task, so an answer counts for this long. */
const freshMs = 20;

/** The most memory this process has had, asked for rarely: after any long task, now and then between short ones. */
export class PeakGauge {
  readonly #peakBytes: () => number;
  #bytes = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(peakBytes: () => number) {
    this.#peakBytes = peakBytes;
  }

  /** The peak, asked for now. */
  read(): number {
    this.#bytes = this.#peakBytes();
    return this.#bytes;
  }

  /** The peak as of `nowMs`, or shortly before. */
  after(nowMs: number): number {
    if (nowMs - this.#atMs < freshMs) return this.#bytes;
    this.#atMs = nowMs;
    return this.read();
  }
}
