import { randomUUID } from "node:crypto";
import type { ByteSource } from "../backend/byte-source.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { Failure } from "../backend/failure.ts";
import {
  decodeInvocation,
  encodeReply,
  packFailure,
  retiredExitCode,
} from "../backend/invocation-codec.ts";
import type { Invocation, TaskResult } from "../backend/task.ts";
import { formatBytes } from "../base/byte-size.ts";
import { markWorkerProcess } from "../base/worker-process.ts";
import { failCurrentTask, failUnsettled } from "./current-task.ts";
import { type WorkerEnvironment, workerEnvironment } from "./environment.ts";
import { errorData } from "./error-data.ts";
import type { ChunkReader } from "./local-copies.ts";
import { type MemoryProbe, processMemory, shouldRecycle } from "./memory-pressure.ts";
import { runInvocation } from "./run-task.ts";
import { UnwantedTasks } from "./unwanted-tasks.ts";

/** What a worker that is called by messages stands on. */
export interface RemoteWorkerOptions {
  readonly store: ChunkStore;
  /** Copies of chunks that many tasks read. */
  readonly copies?: ChunkReader;
  readonly sources: ByteSource;
  /** Where user code and captured data are kept for processes that start here later. */
  readonly blobFolder?: string;
  /** What tasks and the worker may use together: less than what ends the process. */
  readonly memoryBytes: number;
  readonly reservedMemoryBytes: number;
  /** Bytes of a reply, at most. */
  readonly replyBytesMax: number;
  readonly memory?: MemoryProbe;
  readonly exit?: (code: number) => void;
}

/** Bundles of user code in one process: modules cannot be unloaded. */
const bundlesMax = 32;
/** Kept of the time that is left for the reply, and for what ends a task to work. */
const replyMs = 1000;
/** How often memory and deadline are looked at while a task waits. */
const lookEveryMs = 20;
const timerMsMax = 2 ** 31 - 1;
/** What a result takes in a reply besides its output. */
const resultBytes = 512;
/** What an event takes besides its topic and its data. */
const eventBytes = 64;

/**
 * A worker behind calls that carry a whole message and bring a whole reply: a function on Lambda. It answers before
 * its time or its memory ends, as far as the task lets it, with what was done until then. A worker that still runs
 * something after its answer, or keeps too much memory, is retired: the next call ends it before anything is run.
 */
export class RemoteWorker {
  readonly #options: RemoteWorkerOptions;
  readonly #environment: WorkerEnvironment;
  readonly #id: string = randomUUID();
  readonly #startMs: number = performance.now();
  #invocations = 0;
  #retired = false;
  #end: EarlyEnd | undefined;

  constructor(options: RemoteWorkerOptions) {
    this.#options = options;
    this.#environment = workerEnvironment(options);
  }

  /** The reply to a message that must be answered within `leftMs`. */
  async answer(message: Uint8Array, leftMs: number): Promise<Uint8Array> {
    const beganMs = performance.now();
    if (this.#retired) (this.#options.exit ?? process.exit)(retiredExitCode);
    this.#invocations += 1;
    const invocation = decodeInvocation(message);
    const timeoutMs = Math.min(invocation.timeoutMs ?? Number.POSITIVE_INFINITY, leftMs - replyMs);
    const done = await this.#run({ ...invocation, timeoutMs });
    const { memory = processMemory } = this.#options;
    const isFull = this.#environment.programs.bundles >= bundlesMax;
    this.#retired ||= isFull || shouldRecycle(this.#options, memory);
    return encodeReply({
      environment: this.#id,
      invocations: this.#invocations,
      startMs: this.#startMs,
      answerMs: performance.now() - beganMs,
      ...done,
    });
  }

  async #run(invocation: Invocation & { readonly timeoutMs: number }): Promise<{
    readonly results: readonly TaskResult[];
    readonly failure?: Failure;
  }> {
    const results: TaskResult[] = [];
    const stop = new AbortController();
    let room = this.#options.replyBytesMax;
    const onResult = (result: TaskResult): void => {
      results.push(result);
      // What was found wrong must be read anew when it has been made again.
      if (result.status === "failed" && "key" in result.failure) {
        this.#options.store.forget?.(result.failure.key);
        this.#options.copies?.forget(result.failure.key);
      }
      // The next result may be as large; what is not run now comes back.
      const bytes = bytesOf(result);
      room -= bytes;
      if (room < bytes) stop.abort();
    };
    const unwanted = new UnwantedTasks();
    const hooks = { signal: stop.signal, unwanted, onResult };
    const run = runInvocation(invocation, this.#environment, hooks);
    const end = new EarlyEnd(invocation.timeoutMs, this.#options);
    this.#end = end;
    const failure = await Promise.race([run.then(() => undefined), end.reached]);
    this.#end = undefined;
    end.stop();
    if (failure === undefined) return { results };
    // The task goes on, so nothing else must run in its process.
    this.#retired = true;
    unwanted.endRunning(failure);
    stop.abort();
    return { results: [...results], failure };
  }

  /**
   * Makes this process the worker's own: programs that it happens to load may start no clients in it.
   *
   * A task whose error comes past its promise has failed, and what it left behind is not trusted. Errors outside of
   * tasks are defects of the worker and end it. These listeners take the place of the runtime's own, which end it always.
   * When nothing is left that could settle a task's promise, the task has failed, and its time need not be paid for.
   */
  takeProcess(): void {
    markWorkerProcess();
    const onStray = (error: unknown): void => {
      this.#retired = true;
      const outcome = failCurrentTask(error);
      if (outcome === "failed") return;
      console.error(`thrown outside of a running task: ${kindAndPlaces(error)}`);
      if (outcome === "no-task") (this.#options.exit ?? process.exit)(1);
    };
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.removeAllListeners(event);
      process.on(event, onStray);
    }
    process.on("beforeExit", () => {
      if (failUnsettled()) setImmediate(() => {});
      else this.#end?.hold();
    });
  }
}

/**
 * Watches time and memory while tasks run; a task that never waits cannot be watched from its own process. It does not
 * keep the process alive, so that a task whose promise nothing can settle is noticed.
 */
class EarlyEnd {
  readonly reached: Promise<Failure>;
  readonly #looks: NodeJS.Timeout;
  readonly #deadline: NodeJS.Timeout;

  constructor(timeoutMs: number, options: RemoteWorkerOptions) {
    const { memoryBytes, memory = processMemory } = options;
    const { promise, resolve } = Promise.withResolvers<Failure>();
    this.reached = promise;
    const late = (): void => resolve({ kind: "timeout", afterMs: timeoutMs });
    this.#deadline = setTimeout(late, Math.max(0, Math.min(timeoutMs, timerMsMax))).unref();
    this.#looks = setInterval(() => {
      if (memory.residentBytes() <= memoryBytes) return;
      // Much of that may be garbage that no collection has come by yet: it ends no task.
      memory.collectGarbage();
      const bytes = memory.residentBytes();
      if (bytes > memoryBytes) resolve(usedUp(bytes, memoryBytes));
    }, lookEveryMs).unref();
  }

  /** The task waits for its end: so does the process. */
  hold(): void {
    this.#deadline.ref();
  }

  stop(): void {
    clearTimeout(this.#deadline);
    clearInterval(this.#looks);
  }
}

/** What is known of an error without its words, which may hold data: logs are read by others than the program's user. */
function kindAndPlaces(error: unknown): string {
  const { name, stack } = errorData(error);
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return [name === "" ? typeof error : name, ...frames].join("\n");
}

function usedUp(bytes: number, memoryBytes: number): Failure {
  const detail = `a worker used ${formatBytes(bytes)}, more than its ${formatBytes(memoryBytes)}`;
  return { kind: "memory", detail, peakBytes: bytes };
}

function bytesOf(result: TaskResult): number {
  const { events = [] } = result;
  const logged = events.reduce(
    (sum, { topic, data }) => sum + topic.length + data.length + eventBytes,
    0,
  );
  const bytes = resultBytes + logged;
  if (result.status === "failed") return bytes + packFailure(result.failure).byteLength;
  return bytes + (result.output.inline?.byteLength ?? 0);
}
