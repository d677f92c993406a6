/** After so long without a call that was let in, a person wants to know what the program waits for. */
const quietMsMax = 60_000;

/**
 * Notices that calls are not slowed down but all refused. That is no error: room may come at any time, and what has
 * been done stays. But nothing else would show it.
 */
export class Refusals {
  readonly #warn: (message: string) => void;
  #firstMs: number | undefined;
  #lastMs = 0;
  #isTold = false;

  constructor(warn: (message: string) => void = (message) => process.emitWarning(message)) {
    this.#warn = warn;
  }

  /** A call was let in. */
  ended(): void {
    this.#firstMs = undefined;
    this.#isTold = false;
  }

  /** A call was refused at `nowMs`. */
  refused(nowMs: number, functionName: string): void {
    // Between two refusals so far apart nothing was asked for.
    if (nowMs - this.#lastMs > quietMsMax) this.ended();
    this.#lastMs = nowMs;
    this.#firstMs ??= nowMs;
    if (this.#isTold || nowMs - this.#firstMs < quietMsMax) return;
    this.#isTold = true;
    this.#warn(
      `lambdask: Lambda has refused every call of ${functionName} for ${quietMsMax / 1000} seconds, as there are too many at once; the program waits. See \`lambdask doctor\` for the concurrency of stack and account, and for other programs that use them`,
    );
  }
}
