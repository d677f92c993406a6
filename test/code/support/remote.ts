import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ShippedFunction } from "../../../src/backend/shipped-function.ts";
import type { ContentName } from "../../../src/base/ids.ts";
import { blobsOf, capture } from "../../../src/code/capture.ts";

/** What the worker process is sent. */
export interface CallMessage {
  readonly call: number;
  readonly shipped: ShippedFunction;
  readonly blobs: readonly (readonly [ContentName, Uint8Array])[];
  readonly args: readonly unknown[];
  readonly collect: boolean;
}

/** What the worker process answers. */
interface Answer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly stack: string; readonly data: object };
}

/** An error of the worker's, with its stack there. */
export class RemoteError extends Error {
  readonly remoteStack: string;
  readonly data: object;
  constructor(error: { message: string; stack: string; data: object }) {
    super(error.message);
    this.remoteStack = error.stack;
    this.data = error.data;
  }
}

/** A plain Node process that runs captured functions, in another folder than the program. */
export class Remote implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  constructor(execArgv: readonly string[] = []) {
    this.#child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), [], {
      serialization: "advanced",
      execArgv: [...execArgv],
      cwd: "/",
      env: {},
    });
    this.#child.on("message", ({ call, value, error }: Answer) => {
      const waiting = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (error) waiting?.reject(new RemoteError(error));
      else waiting?.resolve(value);
    });
    this.#child.on("exit", (code) => {
      for (const waiting of this.#waiting.values()) {
        waiting.reject(new Error(`the worker process ended with code ${code}`));
      }
    });
  }

  /** Captures `fn` now and calls it in the worker. */
  run(
    fn: (...args: never[]) => unknown,
    args: readonly unknown[] = [],
    collect: boolean = false,
  ): Promise<unknown> {
    return this.call(capture(fn, { where: "test" }), args, collect);
  }

  /** Calls what was captured before. */
  call(
    shipped: ShippedFunction,
    args: readonly unknown[] = [],
    collect: boolean = false,
  ): Promise<unknown> {
    const call = ++this.#calls;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(call, waiting);
    const message: CallMessage = { call, shipped, blobs: [...blobsOf(shipped)], args, collect };
    this.#child.send(message);
    return waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill();
    await ended;
  }
}
