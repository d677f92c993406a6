import type { RunStore } from "../../backend/run-store.ts";
import { LambdaskError } from "../../base/errors.ts";

/** What a change makes of a file's bytes, and what it tells. */
export interface Changed<T> {
  /** Left out: the file stays as it is. */
  readonly bytes?: Uint8Array;
  readonly result: T;
}

/** Others change the file each time before we do: so often is not chance any more. */
const triesMax = 200;
const pauseMsMax = 50;

/**
 * Small files that several programs change: each change is made to the latest bytes, or made again. Within a client the
 * changes of one file take turns: the store holds files differently while it looks for them.
 */
export class SharedFiles {
  readonly #runs: RunStore;
  readonly #random: () => number;
  readonly #turns = new Map<string, Promise<unknown>>();
  #isClosed = false;

  constructor(runs: RunStore, random: () => number) {
    this.#runs = runs;
    this.#random = random;
  }

  change<T>(file: string, change: (bytes: Uint8Array | undefined) => Changed<T>): Promise<T> {
    return this.#inTurn(file, () => this.#changeNow(file, change));
  }

  /** From now on nothing is read or changed. */
  close(): void {
    this.#isClosed = true;
  }

  delete(file: string): Promise<void> {
    return this.#inTurn(file, () => this.#runs.delete(file));
  }

  #inTurn<T>(file: string, act: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError("a lock or variable"));
    const before = this.#turns.get(file) ?? Promise.resolve();
    const mine = before.then(act, act);
    this.#turns.set(file, mine);
    const clear = (): void => {
      if (this.#turns.get(file) === mine) this.#turns.delete(file);
    };
    mine.then(clear, clear);
    return mine;
  }

  async #changeNow<T>(
    file: string,
    change: (bytes: Uint8Array | undefined) => Changed<T>,
  ): Promise<T> {
    for (let tries = 0; tries < triesMax; tries++) {
      const found = await this.#runs.get(file);
      const { bytes, result } = change(found?.bytes);
      if (bytes === undefined) return result;
      if (await this.#runs.replace(file, bytes, found?.version ?? "")) return result;
      await pause(this.#random() * Math.min(pauseMsMax, 2 ** tries));
    }
    throw new LambdaskError("STORE", {
      message: `${file}: other programs changed it ${triesMax} times in a row before this one could`,
      fix: "let fewer programs share it, or hold it longer",
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The error of what a closed client was to do. */
export function closedError(what: string): LambdaskError {
  return new LambdaskError("CLOSED", {
    message: `${what}: the client is closed`,
    fix: "connect again, or close it later",
  });
}
