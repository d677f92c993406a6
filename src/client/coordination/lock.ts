import type { Clock } from "../../backend/clock.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { nameOfBytes } from "../../base/content-name.ts";
import { badArgument, LambdaskError } from "../../base/errors.ts";
import { Lease, silenceMsMax } from "./lease.ts";
import { decodeLock, encodeLock, type Holder, type LockRecord } from "./lock-record.ts";
import { closedError, type SharedFiles } from "./shared-files.ts";

/** What locks stand on. */
export interface LockParts {
  readonly files: SharedFiles;
  readonly clock: Clock;
  readonly random: () => number;
  /** This machine and process. */
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
  /** Fires when the client is closed: from then on nobody would release what is taken. */
  readonly closing: AbortSignal;
  /** Told of each wait for a lease, until its end. */
  waiting(acquired: Promise<unknown>): void;
  /** Told of each lease, and of its end. */
  held(lease: Lease, isHeld: boolean): void;
}

/** How long `acquire` waits. */
export interface AcquireOptions {
  /** After so many milliseconds it gives `undefined`; left out: it waits on. */
  readonly timeoutMs?: number;
  /** Ends the waiting with CANCELLED. */
  readonly signal?: AbortSignal;
}

const pollMsMin = 20;
const pollMsMax = 1_000;

/**
 * Something that only so many programs may have at a time: one, or as many as a semaphore has leases. It holds between
 * programs that share a store, on any machines. Made by `client.lock` and `client.semaphore`.
 * @example
 * ```ts
 * const lock = client.lock("rebuild");
 * await using lease = await lock.acquire({ timeoutMs: 10_000 });
 * console.log(lock.name, await lock.holders()); // → rebuild 1
 * ```
 */
export class Lock {
  readonly name: string;
  /** How many may hold it at once. */
  readonly leases: number;
  readonly #parts: LockParts;
  readonly #file: string;
  /** Holders, and since when they have not been heard of: by our clock, since those of others may differ. */
  readonly #heard = new Map<string, { readonly beats: number; readonly sinceMs: number }>();

  /** For this library: use `client.lock` or `client.semaphore`. */
  constructor(parts: LockParts, { name, leases }: Pick<LockRecord, "name" | "leases">) {
    this.name = name;
    this.leases = leases;
    this.#parts = parts;
    this.#file = `locks/${nameOfBytes(name)}`;
  }

  /**
   * Takes the lock, and waits for it while others hold it; no order is kept among those who wait. A holder whose process
   * has ended on this machine gives way at once, one on another machine after 30 seconds without a sign of life.
   * @example
   * ```ts
   * const lock = client.lock("report");
   * await using held = await lock.acquire();
   * console.log(await lock.holders(), await lock.acquire({ timeoutMs: 1 }), held.signal.aborted);
   * // → 1 undefined false
   * ```
   */
  acquire(options: AcquireOptions & { readonly timeoutMs: number }): Promise<Lease | undefined>;
  acquire(options?: AcquireOptions & { readonly timeoutMs?: undefined }): Promise<Lease>;
  acquire(options?: AcquireOptions): Promise<Lease | undefined> {
    const acquired = this.#acquire(options);
    this.#parts.waiting(acquired);
    return acquired;
  }

  async #acquire(options: AcquireOptions | undefined): Promise<Lease | undefined> {
    const { timeoutMs, signal } = checkAcquire(options);
    const { clock } = this.#parts;
    const endMs = clock.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    for (let pollMs = pollMsMin; ; pollMs = Math.min(pollMsMax, 1.5 * pollMs)) {
      if (signal?.aborted) throw cancelled(this.name, signal);
      const lease = await this.#tryAcquire();
      if (this.#parts.closing.aborted) throw await this.#closed(lease);
      if (lease !== undefined) return lease;
      const leftMs = endMs - clock.now();
      if (leftMs <= 0) return undefined;
      // Those who wait must not ask all at once.
      const waitMs = pollMs * (0.5 + this.#parts.random());
      await pause(Math.min(leftMs, waitMs), [this.#parts.closing, ...(signal ? [signal] : [])]);
    }
  }

  /**
   * How many hold it now.
   * @example
   * ```ts
   * console.log(await client.lock("nobody's").holders()); // → 0
   * ```
   */
  holders(): Promise<number> {
    return this.#parts.files.change(this.#file, (bytes) => ({
      result: this.#living(this.#record(bytes)).length,
    }));
  }

  async #tryAcquire(): Promise<Lease | undefined> {
    const { files, host, pid, random } = this.#parts;
    const id = `${pid}-${Math.floor(random() * 2 ** 32).toString(36)}${Math.floor(random() * 2 ** 32).toString(36)}`;
    const token = await files.change<number | undefined>(this.#file, (bytes) => {
      const record = this.#record(bytes);
      const living = this.#living(record);
      if (living.length >= this.leases) return { result: undefined };
      if (living.length > 0 && record.leases !== this.leases) throw otherLeases(this, record);
      const next = {
        ...record,
        leases: this.leases,
        token: record.token + 1,
        holders: [...living, { id, host, pid, beats: 0 }],
      };
      return { bytes: encodeLock(next), result: next.token };
    });
    return token === undefined ? undefined : this.#lease(id, token);
  }

  /** The client was closed meanwhile: the error of that, once what was taken all the same is given back. */
  async #closed(lease: Lease | undefined): Promise<LambdaskError> {
    // What a failing store keeps is waited out by others like a lease of a program that was killed.
    await lease?.release().catch(() => undefined);
    return closedError(`waiting for the lock ${JSON.stringify(this.name)}`);
  }

  #lease(id: string, token: number): Lease {
    const { files, clock, held } = this.#parts;
    const lease: Lease = new Lease(token, {
      clock,
      beat: () => this.#beat(id),
      leave: async () => {
        held(lease, false);
        await files.change(this.#file, (bytes) => {
          const record = this.#record(bytes);
          const holders = record.holders.filter((holder) => holder.id !== id);
          return holders.length === record.holders.length
            ? { result: undefined }
            : { bytes: encodeLock({ ...record, holders }), result: undefined };
        });
      },
    });
    held(lease, true);
    return lease;
  }

  #beat(id: string): Promise<boolean> {
    return this.#parts.files.change(this.#file, (bytes) => {
      const record = this.#record(bytes);
      if (!record.holders.some((holder) => holder.id === id)) return { result: false };
      const holders = record.holders.map((holder) =>
        holder.id === id ? { ...holder, beats: holder.beats + 1 } : holder,
      );
      return { bytes: encodeLock({ ...record, holders }), result: true };
    });
  }

  #record(bytes: Uint8Array | undefined): LockRecord {
    return decodeLock(bytes, this);
  }

  /** The holders that live, as far as can be told from here. */
  #living({ holders }: LockRecord): readonly Holder[] {
    for (const id of this.#heard.keys()) {
      if (!holders.some((holder) => holder.id === id)) this.#heard.delete(id);
    }
    return holders.filter((holder) => this.#lives(holder));
  }

  #lives({ id, host, pid, beats }: Holder): boolean {
    const { clock, isAlive } = this.#parts;
    if (host === this.#parts.host && !isAlive(pid)) return false;
    const heard = this.#heard.get(id);
    if (heard?.beats === beats) return clock.now() - heard.sinceMs < silenceMsMax;
    this.#heard.set(id, { beats, sinceMs: clock.now() });
    return true;
  }
}

function checkAcquire(options: AcquireOptions | undefined): AcquireOptions {
  const where = "lock.acquire";
  const checked = checkOptions(where, options, ["timeoutMs", "signal"]);
  const { timeoutMs, signal } = checked;
  if (timeoutMs !== undefined) wholeNumber(`${where}: timeoutMs`, timeoutMs, { min: 0 });
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw badArgument(`${where}: signal`, "an AbortSignal", signal);
  }
  return checked;
}

function otherLeases({ name, leases }: Lock, record: LockRecord): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `the semaphore ${JSON.stringify(name)} has ${leases} leases here, and ${record.leases} for those who hold it now`,
    fix: "give it the same number everywhere, or another name",
  });
}

function cancelled(name: string, signal: AbortSignal): LambdaskError {
  return new LambdaskError("CANCELLED", {
    message: `waiting for the lock ${JSON.stringify(name)} was cancelled`,
    cause: signal.reason,
  });
}

/** Waits, and keeps the program alive meanwhile; an abort of one of the signals ends it early. */
function pause(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    for (const signal of signals) signal.addEventListener("abort", end);
  });
}
