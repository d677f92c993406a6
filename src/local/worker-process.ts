import type { Failure } from "../backend/failure.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../backend/task.ts";
import { assert, unreachable } from "../base/assert.ts";
import type { InvocationId } from "../base/ids.ts";
import { type Death, failureOfDeath } from "./death.ts";
import { FrameReader, writeFrame } from "./framing.ts";
import { decodeFromWorker, encodeToWorker, type FromWorker, type ToWorker } from "./message.ts";
import { ProgramTable } from "./program-table.ts";
import { type SpawnedWorker, spawnWorker, type WorkerOutput } from "./spawn-worker.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** How to start and end a worker process. */
export interface WorkerSettings {
  /** Path of the module that the process runs. */
  readonly entry: string;
  readonly config: WorkerConfig;
  readonly output: WorkerOutput;
  /** A cancelled worker that has not answered after this long is killed. */
  readonly graceMs: number;
}

/** The invocation that a worker runs. */
interface Call {
  readonly invocation: Invocation;
  readonly results: TaskResult[];
  readonly resolve: (outcome: InvocationOutcome) => void;
  /** Ends its timers and listeners. */
  readonly stop: () => void;
  /** One of its tasks has looked at its signal: it may end early when it is told. */
  listens: boolean;
  /** Why we killed the worker, if we did. */
  killed: Failure | undefined;
}

type State =
  | { readonly kind: "starting" }
  | { readonly kind: "idle" }
  | { readonly kind: "busy"; readonly call: Call }
  | { readonly kind: "ended"; readonly death: Death };

/** After a process has ended, its pipes may be held open by processes that it started. */
const pipesMs = 500;

/** One worker process as its client sees it: runs one invocation at a time until it ends. */
export class WorkerProcess {
  readonly id: number;
  /** Resolves once it is known whether the worker takes invocations; never rejects. */
  readonly ready: Promise<boolean>;
  /** Resolves when the process has ended and all it said has been read. */
  readonly ended: Promise<Death>;
  readonly #settings: WorkerSettings;
  readonly #spawned: SpawnedWorker;
  readonly #programs = new ProgramTable<true>();
  #state: State = { kind: "starting" };
  #recycle = false;
  #grace: NodeJS.Timeout | undefined;
  #markReady: (ready: boolean) => void = () => {};

  constructor(id: number, settings: WorkerSettings) {
    this.id = id;
    this.#settings = settings;
    this.#spawned = spawnWorker(settings.entry, settings.config, settings.output);
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    const reader = new FrameReader((payload) => this.#receive(decodeFromWorker(payload)));
    this.#spawned.messages.on("data", (piece: Uint8Array) => {
      try {
        reader.push(piece);
      } catch (error) {
        // Code in the task wrote into the pipe: nothing that follows can be trusted.
        this.kill({ kind: "worker-lost", detail: `a worker sent no message: ${String(error)}` });
      }
    });
    this.ended = this.#watchEnd();
  }

  get pid(): number | undefined {
    return this.#spawned.child.pid;
  }

  /** True if it is ready and runs nothing. */
  get isIdle(): boolean {
    return this.#state.kind === "idle";
  }

  /** True if it must not get another invocation: it has ended or asked to be replaced. */
  get isSpent(): boolean {
    return this.#recycle || this.#state.kind === "ended";
  }

  /** Runs `invocation` once. Never rejects for what the worker does. */
  run(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    if (this.#state.kind === "ended") {
      return Promise.resolve(this.#lost([], this.#failure(this.#state.death)));
    }
    assert(this.#state.kind === "idle", `worker ${this.id} runs one invocation at a time`);
    const { program, ...rest } = invocation;
    const known = this.#programs.has(program.id);
    const message = { kind: "run", invocation: rest, program: program.id } as const;
    const bytes = encodeToWorker(known ? message : { ...message, body: program });
    if (!known) this.#programs.add(program.id, true);
    return new Promise((resolve) => {
      const stop = this.#watchCall(invocation, signal);
      const call = { invocation, results: [], resolve, stop, listens: false, killed: undefined };
      this.#state = { kind: "busy", call };
      writeFrame(this.#spawned.messages, bytes);
    });
  }

  /** Tells the worker that nobody wants the results of these tasks any more, if it runs them. */
  tellUnwanted(invocation: InvocationId, indexes: readonly number[]): void {
    if (this.#state.kind !== "busy" || this.#state.call.invocation.id !== invocation) return;
    this.#send({ kind: "unwanted", indexes });
  }

  /** Ends the worker, a task that listens for that first: it has a while for it. */
  stop(): void {
    this.#recycle = true;
    if (this.#state.kind !== "busy" || !this.#state.call.listens) {
      this.kill({ kind: "returned" });
      return;
    }
    this.#send({ kind: "cancel" });
    this.#killLater({ kind: "returned" });
  }

  /** Ends the worker once it runs nothing. */
  end(): void {
    this.#spawned.messages.end();
  }

  /** Ends the worker now; what it has not answered is lost for the reason `failure`. */
  kill(failure: Failure): void {
    if (this.#state.kind === "busy") this.#state.call.killed ??= failure;
    this.#spawned.child.kill("SIGKILL");
  }

  /** Ends the worker: an idle one ends itself, which keeps its compiled code for the next one. */
  async close(): Promise<void> {
    this.hold(true);
    if (!this.isIdle) this.kill({ kind: "worker-lost", detail: "the pool of workers was closed" });
    this.end();
    const grace = setTimeout(() => this.kill({ kind: "returned" }), this.#settings.graceMs);
    await this.ended;
    clearTimeout(grace);
  }

  /** Whether this worker keeps the client's process alive. */
  hold(active: boolean): void {
    this.#spawned.hold(active);
  }

  #watchCall({ timeoutMs }: Invocation, signal: AbortSignal): () => void {
    const cancel = (): void => {
      this.#send({ kind: "cancel" });
      this.#killLater({ kind: "returned" });
    };
    let late: NodeJS.Immediate | undefined;
    // What has come while this process did other things is read before the worker is taken for late.
    const endLate = (afterMs: number): void => {
      late = setImmediate(() => this.#endLate(afterMs));
    };
    const deadline =
      timeoutMs === undefined ? undefined : setTimeout(endLate, timeoutMs, timeoutMs);
    signal.addEventListener("abort", cancel);
    return () => {
      signal.removeEventListener("abort", cancel);
      clearTimeout(this.#grace);
      clearTimeout(deadline);
      clearImmediate(late);
    };
  }

  #endLate(timeoutMs: number): void {
    const { listens, invocation } = this.#call();
    const failure = { kind: "timeout", afterMs: timeoutMs } as const;
    if (!listens) {
      this.kill(failure);
      return;
    }
    const indexes = invocation.tasks.map(({ index }) => index);
    this.#send({ kind: "unwanted", indexes, afterMs: timeoutMs });
    this.#killLater(failure);
  }

  /** Kills the worker if it has not answered after a while. */
  #killLater(failure: Failure): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => this.kill(failure), this.#settings.graceMs);
  }

  #send(message: ToWorker): void {
    writeFrame(this.#spawned.messages, encodeToWorker(message));
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#state = { kind: "idle" };
        this.#markReady(true);
        return;
      case "listens":
        this.#call().listens = true;
        return;
      case "results":
        this.#call().results.push(...message.results);
        return;
      case "finished": {
        const call = this.#call();
        call.results.push(...message.results);
        this.#recycle ||= message.recycle;
        this.#state = { kind: "idle" };
        call.stop();
        call.resolve({ kind: "answered", worker: this.id, results: call.results });
        return;
      }
      default:
        unreachable(message);
    }
  }

  #call(): Call {
    assert(this.#state.kind === "busy", `worker ${this.id} answers what it was asked`);
    return this.#state.call;
  }

  #watchEnd(): Promise<Death> {
    const { child } = this.#spawned;
    return new Promise((resolve) => {
      let exit: { readonly code: number | null; readonly signal: string | null } | undefined;
      let problem = "";
      const settle = (): void => {
        if (this.#state.kind === "ended") return;
        const death: Death = {
          code: exit?.code ?? null,
          signal: exit?.signal ?? null,
          stderr: problem + this.#spawned.stderrTail(),
          lastWords: this.#spawned.lastWords(),
        };
        this.#settle(death);
        resolve(death);
      };
      child.once("error", (error) => {
        problem = `${error.message}\n`;
        if (child.pid === undefined) settle();
      });
      child.once("exit", (code, signal) => {
        exit = { code, signal };
        setTimeout(settle, pipesMs).unref();
      });
      child.once("close", settle);
    });
  }

  #settle(death: Death): void {
    const before = this.#state;
    this.#state = { kind: "ended", death };
    this.#markReady(false);
    this.#spawned.messages.destroy();
    if (before.kind !== "busy") return;
    before.call.stop();
    const failure = before.call.killed ?? this.#failure(death);
    before.call.resolve(this.#lost(before.call.results, failure));
  }

  #failure(death: Death): Failure {
    return failureOfDeath(death, this.#settings.config.memoryBytes);
  }

  #lost(results: readonly TaskResult[], failure: Failure): InvocationOutcome {
    return { kind: "lost", worker: this.id, results, failure };
  }
}
