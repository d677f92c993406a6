import type { ByteSource } from "../backend/byte-source.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../backend/task.ts";
import type { InvocationId } from "../base/ids.ts";
import type { WorkerEnvironment } from "../worker/environment.ts";
import { errorData } from "../worker/error-data.ts";
import type { InvocationHooks } from "../worker/run-task.ts";
import { UnwantedTasks } from "../worker/unwanted-tasks.ts";
import { parseScaleTarget, type ScaleTarget } from "./scale-target.ts";

const timerMsMax = 2 ** 31 - 1;
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
  #running: { readonly id: InvocationId; readonly unwanted: UnwantedTasks } | undefined;
  #held = false;
  #holding: NodeJS.Timeout | undefined;

  constructor(ports: { readonly store: ChunkStore; readonly sources: ByteSource }) {
    this.#ports = ports;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    const results: TaskResult[] = [];
    const lost = { kind: "lost", worker: workerId, results } as const;
    if (signal.aborted) return { ...lost, failure: { kind: "returned" } };
    if (this.#running !== undefined) return { ...lost, failure: { kind: "throttle" } };
    const unwanted = new UnwantedTasks();
    this.#running = { id: invocation.id, unwanted };
    this.#holdBetween();
    const deadline = new Deadline(invocation.timeoutMs);
    try {
      const signals = AbortSignal.any([signal, deadline.signal]);
      const onResult = (result: TaskResult): unknown => results.push(result);
      const run = this.#run(invocation, { signal: signals, unwanted, onResult });
      if ((await Promise.race([run, deadline.passed])) === "passed") {
        unwanted.endRunning(deadline.failure);
        deadline.stopRest();
        return { ...lost, results: [...results], failure: deadline.failure };
      }
      return { kind: "answered", worker: workerId, results };
    } catch (error) {
      return { ...lost, failure: { kind: "fatal", error: errorData(error) } };
    } finally {
      deadline.stop();
      this.#running = undefined;
      this.#holdBetween();
    }
  }

  unwanted(invocation: InvocationId, indexes: readonly number[]): void {
    if (this.#running?.id !== invocation) return;
    this.#running.unwanted.tell(indexes, { kind: "returned" });
  }

  onSlots(): () => void {
    return () => {};
  }

  scale(target: ScaleTarget): void {
    parseScaleTarget(target, "scale");
  }

  hold(active: boolean): void {
    this.#held = active;
    this.#holdBetween();
  }

  async close(): Promise<void> {
    this.hold(false);
  }

  /**
   * Between two tries of a task nothing else holds the process. While one runs, it does that itself: if nothing could
   * settle its promise, the program ends and Node says at which line.
   */
  #holdBetween(): void {
    clearInterval(this.#holding);
    const holds = this.#held && this.#running === undefined;
    this.#holding = holds ? setInterval(() => {}, timerMsMax) : undefined;
  }

  /** The worker's code is loaded when it is first needed. */
  async #run(invocation: Invocation, hooks: InvocationHooks): Promise<void> {
    const { runInvocation } = await import("../worker/run-task.ts");
    if (this.#environment === undefined) {
      const { workerEnvironment } = await import("../worker/environment.ts");
      this.#environment = workerEnvironment(this.#ports);
    }
    await runInvocation(invocation, this.#environment, hooks);
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
      this.#timer = setTimeout(resolve, timeoutMs, "passed");
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Has what has not begun given back. */
  stopRest(): void {
    this.#controller.abort();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
