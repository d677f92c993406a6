import type { Clock } from "../../backend/clock.ts";

/** How often a holder says that it lives. */
const beatEveryMs = 5_000;
/** A holder that was not heard of for so long has lost its lease. */
export const silenceMsMax = 30_000;
/** A holder that could not say so for this long gives up: before others may take its place. */
const unheardMsMax = 20_000;

/** What a lease needs of its lock. */
export interface LeaseHooks {
  /** Says that the holder lives; false if its lease is another's by now. */
  beat(): Promise<boolean>;
  /** Takes the holder out. */
  leave(): Promise<void>;
  readonly clock: Clock;
}

/**
 * A lock that is held. It is released at the end of an `await using` block, when the client is closed, or when the
 * process ends.
 * @example
 * ```ts
 * await using lease = await client.lock("ledger").acquire();
 * console.log(lease.token > 0, lease.signal.aborted); // → true false
 * ```
 */
export class Lease {
  /** Grows with each time the lock is taken: what is written outside can be refused if a later one has written. */
  readonly token: number;
  readonly #hooks: LeaseHooks;
  readonly #lost = new AbortController();
  #endBeat: () => void = () => undefined;
  #heardMs: number;
  #released: Promise<void> | undefined;

  /** For this library: use `acquire`. */
  constructor(token: number, hooks: LeaseHooks) {
    this.token = token;
    this.#hooks = hooks;
    this.#heardMs = hooks.clock.now();
    this.#waitForBeat();
  }

  /**
   * Fires if the lease is lost: the process stood still, or the store could not be reached, for too long.
   * @example
   * ```ts
   * await using lease = await client.lock("watched").acquire();
   * lease.signal.addEventListener("abort", () => console.error("somebody else may have it now"));
   * ```
   */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Lets others take the lock. Again is no error.
   * @example
   * ```ts
   * const lease = await client.lock("short").acquire();
   * await lease.release();
   * ```
   */
  release(): Promise<void> {
    this.#endBeat();
    this.#released ??= this.#hooks.leave();
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #waitForBeat(): void {
    this.#endBeat = this.#hooks.clock.after(beatEveryMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { clock, beat } = this.#hooks;
    const startedMs = clock.now();
    let isMine: boolean;
    try {
      isMine = await beat();
      this.#heardMs = startedMs;
    } catch {
      // Whether it was heard is not known; the next ones may tell.
      isMine = clock.now() - this.#heardMs < unheardMsMax;
    }
    if (this.#released !== undefined) return;
    if (isMine) this.#waitForBeat();
    else this.#lost.abort();
  }
}
