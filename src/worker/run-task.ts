import type { Failure } from "../backend/failure.ts";
import {
  type Invocation,
  protocolVersion,
  type TaskResult,
  type TaskSpec,
} from "../backend/task.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { WorkerEnvironment } from "./environment.ts";
import type { LinkedProgram } from "./linked-program.ts";
import { PeakGauge } from "./peak-gauge.ts";
import { runTask } from "./task-run.ts";
import { failureOf } from "./thrown.ts";
import { UnwantedTasks } from "./unwanted-tasks.ts";

/** What a worker's host wants of an invocation while it runs. */
export interface InvocationHooks {
  /** Aborts when the invocation is cancelled: what has not started comes back as `returned`. */
  readonly signal: AbortSignal;
  /** By which the host tells tasks that nobody wants their results any more. */
  readonly unwanted?: UnwantedTasks;
  /** Called when a task first looks at its signal: it may end early when it is told. */
  onListens?(): void;
  /** Called as each task ends, so that its result is out before a later task can take the process down. */
  onResult?(result: TaskResult): void;
}

/** Between tasks the host gets a turn this often, for cancellations and sockets. */
const turnEveryMs = 10;

/** Runs the tasks of an invocation one after another. Never rejects: every task has a result. */
export async function runInvocation(
  invocation: Invocation,
  environment: WorkerEnvironment,
  hooks: InvocationHooks,
): Promise<readonly TaskResult[]> {
  const linked = await linkProgram(invocation, environment);
  const { signal, unwanted = new UnwantedTasks() } = hooks;
  const context = linked.kind === "linked" && {
    environment,
    stage: invocation.stage,
    program: linked.program,
    stop: signal,
    unwanted,
    peak: new PeakGauge(environment.peakBytes),
    onListens: () => hooks.onListens?.(),
  };
  const onStop = (): void => unwanted.tellRunning({ kind: "returned" });
  signal.addEventListener("abort", onStop);
  const clock = new InvocationClock(environment.now, invocation.timeoutMs);
  const results: TaskResult[] = [];
  for (const task of invocation.tasks) {
    const failure =
      linked.kind === "failed"
        ? linked.failure
        : clock.handsBack(signal.aborted || unwanted.has(task.index));
    let result: TaskResult;
    if (context === false || failure !== undefined) {
      result = unrun(task, failure ?? { kind: "returned" }, environment);
    } else {
      const running = runTask(task, context);
      result = isPromise(running) ? await running : running;
    }
    results.push(result);
    hooks.onResult?.(result);
    if (clock.taskEnded()) await new Promise((resolve) => setImmediate(resolve));
  }
  signal.removeEventListener("abort", onStop);
  return results;
}

/** Watches the time of one invocation, task by task. */
class InvocationClock {
  readonly #now: () => number;
  readonly #endMs: number;
  #turnMs: number;
  #taskStartMs: number;
  #longestMs = 0;

  constructor(now: () => number, timeoutMs: number | undefined) {
    this.#now = now;
    this.#turnMs = now();
    this.#taskStartMs = this.#turnMs;
    this.#endMs = this.#turnMs + (timeoutMs ?? Number.POSITIVE_INFINITY);
  }

  /** Why the next task is given back unrun: nobody wants it, or there may be no time for it. */
  handsBack(unwanted: boolean): Failure | undefined {
    const isLate = this.#longestMs > 0 && this.#taskStartMs + this.#longestMs > this.#endMs;
    return unwanted || isLate ? { kind: "returned" } : undefined;
  }

  /** Notes that a task has ended; true if it is time to give the host a turn. */
  taskEnded(): boolean {
    const nowMs = this.#now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#taskStartMs);
    this.#taskStartMs = nowMs;
    if (nowMs - this.#turnMs < turnEveryMs) return false;
    this.#turnMs = nowMs;
    return true;
  }
}

type Linked =
  | { readonly kind: "linked"; readonly program: LinkedProgram }
  | { readonly kind: "failed"; readonly failure: Failure };

async function linkProgram(
  { protocol, program }: Invocation,
  { programs, peakBytes }: WorkerEnvironment,
): Promise<Linked> {
  if (protocol !== protocolVersion) {
    const detail = `the client speaks protocol ${protocol}, this worker ${protocolVersion}`;
    return { kind: "failed", failure: { kind: "mismatch", detail } };
  }
  try {
    return { kind: "linked", program: await programs.get(program) };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error, peakBytes) };
  }
}

function unrun(task: TaskSpec, failure: Failure, environment: WorkerEnvironment): TaskResult {
  const { index, attempt } = task;
  const startMs = environment.now();
  const measures = { startMs, readMs: 0, runMs: 0, writeMs: 0, readBytes: 0, peakBytes: 0 };
  return { status: "failed", index, attempt, failure, measures };
}
