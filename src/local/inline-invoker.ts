import type { ByteSource } from "../backend/byte-source.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../backend/task.ts";
import type { WorkerEnvironment } from "../worker/environment.ts";
import { errorData } from "../worker/error-data.ts";
import { parseScaleTarget, type ScaleTarget } from "./scale-target.ts";

/** The only worker: this process. */
const workerId = 1;

/**
 * Runs invocations in the caller's own process, one at a time: breakpoints and `console.log` work as in any function.
 * What ends a worker process ends the program here, and a task over its deadline is given up but not stopped.
 */
export class InlineInvoker implements Invoker {
  readonly slots = 1;
  readonly #ports: { readonly store: ChunkStore; readonly sources: ByteSource };
  #environment: WorkerEnvironment | undefined;
  #busy = false;

  constructor(ports: { readonly store: ChunkStore; readonly sources: ByteSource }) {
    this.#ports = ports;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    const results: TaskResult[] = [];
    const lost = { kind: "lost", worker: workerId, results } as const;
    if (signal.aborted) return { ...lost, failure: { kind: "returned" } };
    if (this.#busy) return { ...lost, failure: { kind: "throttle" } };
    this.#busy = true;
    const deadline = new Deadline(invocation.timeoutMs);
    try {
      const signals = AbortSignal.any([signal, deadline.signal]);
      const run = this.#run(invocation, signals, (result) => results.push(result));
      if ((await Promise.race([run, deadline.passed])) === "passed") {
        return { ...lost, results: [...results], failure: deadline.failure };
      }
      return { kind: "answered", worker: workerId, results };
    } catch (error) {
      return { ...lost, failure: { kind: "fatal", error: errorData(error) } };
    } finally {
      deadline.stop();
      this.#busy = false;
    }
  }

  onSlots(): () => void {
    return () => {};
  }

  scale(target: ScaleTarget): void {
    parseScaleTarget(target, "scale");
  }

  hold(): void {}

  async close(): Promise<void> {}

  /** The worker's code is loaded when it is first needed. */
  async #run(
    invocation: Invocation,
    signal: AbortSignal,
    onResult: (result: TaskResult) => void,
  ): Promise<void> {
    const { runInvocation } = await import("../worker/run-task.ts");
    if (this.#environment === undefined) {
      const { workerEnvironment } = await import("../worker/environment.ts");
      this.#environment = workerEnvironment(this.#ports);
    }
    await runInvocation(invocation, this.#environment, { signal, onResult });
  }
}

/** A timer that need not be there. */
class Deadline {
  readonly passed: Promise<"passed">;
  readonly failure: { readonly kind: "timeout"; readonly afterMs: number };
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number | undefined) {
    this.failure = { kind: "timeout", afterMs: timeoutMs ?? Number.POSITIVE_INFINITY };
    this.passed = new Promise((resolve) => {
      if (timeoutMs === undefined) return;
      this.#timer = setTimeout(() => {
        this.#controller.abort();
        resolve("passed");
      }, timeoutMs);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
