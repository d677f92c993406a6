import { hostname } from "node:os";
import type { Backend } from "../../backend/backend.ts";
import { wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { isRunning } from "../../base/running-process.ts";
import type { Lease } from "./lease.ts";
import { Lock } from "./lock.ts";
import { SharedFiles } from "./shared-files.ts";
import { Variable } from "./variable.ts";

/** Locks and variables of one client, shared by name with all that use its store. */
export class Coordination {
  readonly #backend: Backend;
  readonly #files: SharedFiles;
  readonly #leases = new Set<Lease>();
  readonly #waiting = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#files = new SharedFiles(backend.runs, backend.random);
  }

  lock(where: string, name: string, leases: number): Lock {
    checkName(where, name);
    wholeNumber(`${where}: leases`, leases, { min: 1, max: leasesMax });
    const { clock, random } = this.#backend;
    const parts = {
      files: this.#files,
      clock,
      random,
      host: hostname(),
      pid: process.pid,
      isAlive: isRunning,
      closing: this.#closing.signal,
      waiting: (acquired: Promise<unknown>) => {
        this.#waiting.add(acquired);
        const end = (): unknown => this.#waiting.delete(acquired);
        acquired.then(end, end);
      },
      held: (lease: Lease, isHeld: boolean) => {
        if (isHeld) this.#leases.add(lease);
        else this.#leases.delete(lease);
      },
    };
    return new Lock(parts, { name, leases });
  }

  variable<T>(name: string): Variable<T> {
    checkName("client.variable", name);
    return new Variable<T>(this.#files, name);
  }

  /** Releases what is held, and ends the waiting for more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#waiting);
    // A store that fails now is waited out by others like a holder that was killed.
    await Promise.allSettled([...this.#leases].map((lease) => lease.release()));
    this.#files.close();
  }
}

/** Holders are in one small file. */
const leasesMax = 1000;
const nameLengthMax = 1000;

function checkName(where: string, name: unknown): void {
  if (typeof name === "string" && name !== "" && name.length <= nameLengthMax) return;
  throw badArgument(`${where}: name`, `a text of 1 to ${nameLengthMax} characters`, name);
}
