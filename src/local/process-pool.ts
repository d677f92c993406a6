import type { Clock } from "../backend/clock.ts";
import type { Failure } from "../backend/failure.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { Invocation, InvocationOutcome } from "../backend/task.ts";
import { LambdaskError } from "../base/errors.ts";
import type { InvocationId } from "../base/ids.ts";
import { errorData } from "../worker/error-data.ts";
import { describeDeath } from "./death.ts";
import { parseScaleTarget, type ScaleRange, type ScaleTarget } from "./scale-target.ts";
import { type ScalePace, Slots } from "./slots.ts";
import { WorkerProcess, type WorkerSettings } from "./worker-process.ts";

/** What a pool of processes is made of. */
export interface PoolOptions {
  readonly worker: WorkerSettings;
  readonly scale: ScaleRange;
  readonly pace: ScalePace;
  readonly clock: Clock;
}

/** So many workers in a row that end before they are ready mean that none will ever be. */
const startFailuresMax = 8;

/**
 * Runs invocations on child processes of this one. Boundary: it starts, feeds and ends workers; what to run and what
 * to run again is the scheduler's.
 * 1. A worker has at most one invocation.
 * 2. There are at most `slots` workers, plus those that finish their last invocation after a shrink.
 * 3. Processes start when an invocation needs one; one that dies or must be replaced during a run is replaced at once.
 */
export class ProcessPool implements Invoker {
  readonly #options: PoolOptions;
  readonly #slots: Slots;
  /** Every process that has not ended. */
  readonly #workers = new Set<WorkerProcess>();
  /** Those that wait for an invocation, ready or starting; last used last. */
  readonly #free: WorkerProcess[] = [];
  /** By invocation that has no worker yet, the tasks of it that nobody wants any more. */
  readonly #early = new Map<InvocationId, number[]>();
  #lastId = 0;
  #startFailures = 0;
  #lastStartFailure = "";
  #held = false;
  /** Invocations that were cancelled and have not ended: somebody waits for them, run or no run. */
  #stopping = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#slots = new Slots(options.scale, options.clock, options.pace);
    this.#slots.onChange(() => this.#endSurplus());
  }

  get slots(): number {
    return this.#slots.count;
  }

  /** Process ids of the workers there are now. */
  get pids(): readonly number[] {
    return [...this.#workers].flatMap((worker) => worker.pid ?? []);
  }

  onSlots(listener: (slots: number) => void): () => void {
    return this.#slots.onChange(listener);
  }

  scale(target: ScaleTarget): void {
    this.#slots.setRange(parseScaleTarget(target, "scale"));
  }

  hold(active: boolean): void {
    this.#held = active;
    if (active && this.#workers.size === 0 && !this.#closed) this.#addFree();
    this.#holdWorkers();
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    const refusal = this.#refusal(signal);
    if (refusal !== undefined) return lost(refusal);
    this.#slots.take();
    const onAbort = (): void => this.#changeStopping(1);
    signal.addEventListener("abort", onAbort);
    try {
      return await this.#run(invocation, signal);
    } catch (error) {
      return lost(fatal(error));
    } finally {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) this.#changeStopping(-1);
      this.#slots.release();
      this.#endSurplus();
    }
  }

  restart(): void {
    for (const worker of this.#workers) {
      if (worker.isIdle) worker.end();
      else worker.stop();
    }
  }

  unwanted(invocation: InvocationId, indexes: readonly number[]): void {
    const early = this.#early.get(invocation);
    if (early !== undefined) early.push(...indexes);
    else for (const worker of this.#workers) worker.tellUnwanted(invocation, indexes);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#slots.stop();
    await Promise.all(Array.from(this.#workers, (worker) => worker.close()));
  }

  #refusal(signal: AbortSignal): Failure | undefined {
    if (signal.aborted) return { kind: "returned" };
    return this.#slots.busy >= this.#slots.count ? { kind: "throttle" } : undefined;
  }

  async #run(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    const { id, prefer } = invocation;
    const unwanted: number[] = [];
    this.#early.set(id, unwanted);
    const worker = await this.#acquire(prefer).finally(() => this.#early.delete(id));
    if (!(worker instanceof WorkerProcess)) return lost(worker);
    try {
      if (signal.aborted) return lost({ kind: "returned" });
      const outcome = worker.run(invocation, signal);
      if (unwanted.length > 0) worker.tellUnwanted(id, unwanted);
      return await outcome;
    } finally {
      this.#giveBack(worker);
    }
  }

  #changeStopping(by: 1 | -1): void {
    this.#stopping += by;
    this.#holdWorkers();
  }

  #holdWorkers(): void {
    for (const worker of this.#workers) worker.hold(this.#isHeld);
  }

  get #isHeld(): boolean {
    return this.#held || this.#stopping > 0;
  }

  /** A ready worker, or why there is none. */
  async #acquire(prefer: number | undefined): Promise<WorkerProcess | Failure> {
    while (!this.#closed && this.#startFailures < startFailuresMax) {
      const worker = this.#takeFree(prefer) ?? this.#start();
      if (worker === undefined) continue;
      if ((await worker.ready) && !worker.isSpent) return worker;
      await worker.ended;
    }
    if (this.#closed) {
      return fatal(new LambdaskError("CLOSED", { message: "the pool of workers is closed" }));
    }
    this.#startFailures = 0;
    return fatal(
      new LambdaskError("NO_WORKERS", {
        message: `no worker could be started, ${startFailuresMax} tries in a row: ${this.#lastStartFailure}`,
        fix: "see what the process printed; Node flags and NODE_OPTIONS of this program apply to workers too",
      }),
    );
  }

  /** The preferred worker if it is free, else the ready one that was used last, else one that is starting. */
  #takeFree(prefer: number | undefined): WorkerProcess | undefined {
    let at = this.#free.findIndex((worker) => worker.id === prefer);
    if (at < 0) at = this.#free.findLastIndex((worker) => worker.isIdle);
    if (at < 0) at = this.#free.length - 1;
    return at < 0 ? undefined : this.#free.splice(at, 1)[0];
  }

  #start(): WorkerProcess | undefined {
    this.#lastId += 1;
    let worker: WorkerProcess;
    try {
      worker = new WorkerProcess(this.#lastId, this.#options.worker);
    } catch (error) {
      this.#startFailures += 1;
      this.#lastStartFailure = String(error);
      return undefined;
    }
    worker.hold(this.#isHeld);
    this.#workers.add(worker);
    void this.#watch(worker);
    return worker;
  }

  async #watch(worker: WorkerProcess): Promise<void> {
    const wasReady = await worker.ready;
    if (wasReady) this.#startFailures = 0;
    const death = await worker.ended;
    this.#workers.delete(worker);
    const at = this.#free.indexOf(worker);
    if (at >= 0) this.#free.splice(at, 1);
    if (wasReady || this.#closed) return;
    this.#startFailures += 1;
    this.#lastStartFailure = describeDeath(death);
  }

  #giveBack(worker: WorkerProcess): void {
    if (!worker.isSpent) {
      this.#free.push(worker);
      return;
    }
    worker.end();
    if (this.#held && !this.#closed) this.#addFree();
  }

  #addFree(): void {
    const worker = this.#start();
    if (worker !== undefined) this.#free.push(worker);
  }

  /** Ends free workers, the longest unused first, as far as there are more workers than slots. */
  #endSurplus(): void {
    while (this.#free.length + this.#slots.busy > this.#slots.count) {
      const worker = this.#free.shift();
      if (worker === undefined) return;
      if (worker.isIdle) worker.end();
      else worker.kill({ kind: "returned" });
    }
  }
}

function lost(failure: Failure): InvocationOutcome {
  return { kind: "lost", worker: 0, results: [], failure };
}

function fatal(error: unknown): Failure {
  return { kind: "fatal", error: errorData(error) };
}
