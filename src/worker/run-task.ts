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

/** What a worker's host wants of an invocation while it runs. */
export interface InvocationHooks {
  /** Aborts when the invocation is cancelled: what has not started comes back as `returned`. */
  readonly signal: AbortSignal;
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
  const peak = new PeakGauge(environment.peakBytes);
  const { stage } = invocation;
  const { signal } = hooks;
  const clock = new InvocationClock(environment.now, invocation.timeoutMs);
  const results: TaskResult[] = [];
  for (const task of invocation.tasks) {
    const failure = linked.kind === "failed" ? linked.failure : clock.handsBack(signal);
    let result: TaskResult;
    if (linked.kind === "failed" || failure !== undefined) {
      result = unrun(task, failure ?? { kind: "returned" }, environment);
    } else {
      const running = runTask(task, { environment, stage, program: linked.program, signal, peak });
      result = isPromise(running) ? await running : running;
    }
    results.push(result);
    hooks.onResult?.(result);
    if (clock.taskEnded()) await new Promise((resolve) => setImmediate(resolve));
  }
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

  /** Why the next task is given back unrun: the work was cancelled, or there may be no time for it. */
  handsBack(signal: AbortSignal): Failure | undefined {
    const isLate = this.#longestMs > 0 && this.#taskStartMs + this.#longestMs > this.#endMs;
    return signal.aborted || isLate ? { kind: "returned" } : undefined;
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
