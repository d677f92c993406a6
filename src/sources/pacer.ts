import type { Clock } from "../backend/clock.ts";
import { LambdaskError } from "../base/errors.ts";

/** What a failed try stands for: flow control, trouble that may pass, or an answer. */
export type Trouble = "throttle" | "passing" | "final";

/** What a pacer works with. */
export interface PacerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly troubleOf: (error: unknown) => Trouble;
  /** Calls in flight at once, at most. */
  readonly callsMax: number;
}

/** Tries of one call that fail without being throttled. */
const triesMax = 6;
const passingDelayMs = 50;
const throttleDelayMs = 100;
const delayMsMax = 5_000;
/** Being throttled is no failure, but a service that refuses everything for so long is. */
const throttledMsMax = 15 * 60_000;
/** Calls refused at the same moment say one thing together, so they halve the pace once. */
const cutEveryMs = 100;

/**
 * Runs calls at the pace that a service takes them: fewer at once when it throttles (halved), more again with every
 * success (by one per round). A throttled call is tried until it passes; other trouble that may pass a few times.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #waiting: (() => void)[] = [];
  #pace: number;
  #inFlight = 0;
  #cutAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#pace = options.callsMax;
  }

  /** Calls that may be in flight now. */
  get pace(): number {
    return Math.floor(this.#pace);
  }

  /** Runs `call` until it is answered. */
  async run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const startMs = this.#options.clock.now();
    let failed = 0;
    for (let throttled = 0; ; ) {
      signal?.throwIfAborted();
      try {
        return await this.#once(call, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const trouble = this.#options.troubleOf(error);
        if (trouble === "final") throw error;
        if (trouble === "throttle") {
          this.#slowDown();
          throttled += 1;
          if (this.#options.clock.now() - startMs > throttledMsMax) throw throttledTooLong(error);
          await this.#pause(throttleDelayMs * 2 ** throttled, signal);
        } else {
          failed += 1;
          if (failed === triesMax) throw error;
          await this.#pause(passingDelayMs * 2 ** failed, signal);
        }
      }
    }
  }

  async #once<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    await this.#enter(signal);
    try {
      const answer = await call();
      this.#pace = Math.min(this.#options.callsMax, this.#pace + 1 / this.#pace);
      return answer;
    } finally {
      this.#inFlight -= 1;
      this.#admit();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    if (this.#inFlight >= this.pace) {
      await until(signal, (go) => {
        this.#waiting.push(go);
        return () => {
          const at = this.#waiting.indexOf(go);
          if (at >= 0) this.#waiting.splice(at, 1);
        };
      });
      return;
    }
    this.#inFlight += 1;
  }

  /** Lets waiting calls in; a place is taken for each here, so that nobody comes between. */
  #admit(): void {
    while (this.#inFlight < this.pace) {
      const go = this.#waiting.shift();
      if (go === undefined) return;
      this.#inFlight += 1;
      go();
    }
  }

  #slowDown(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#cutAtMs < cutEveryMs) return;
    this.#cutAtMs = nowMs;
    this.#pace = Math.max(1, this.#pace / 2);
  }

  /** Waits for up to `ms`, by chance, so that calls refused together do not come back together. */
  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const delayMs = this.#options.random() * Math.min(delayMsMax, ms);
    return until(signal, (go) => this.#options.clock.after(delayMs, go));
  }
}

/** Waits for what `start` sets going; a signal calls it off, by what `start` returns, and is thrown. */
function until(
  signal: AbortSignal | undefined,
  start: (go: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      callOff();
      reject(signal?.reason);
    };
    const callOff = start(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function throttledTooLong(cause: unknown): LambdaskError {
  return new LambdaskError("STORE", {
    message: `the object store has refused a request for ${throttledMsMax / 60_000} minutes to slow us down`,
    fix: "look for other programs that load this bucket, or use a bucket of its own",
    cause,
  });
}
