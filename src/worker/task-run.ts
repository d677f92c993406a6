import type { Failure } from "../backend/failure.ts";
import type { Invocation, Measures, TaskResult, TaskSpec } from "../backend/task.ts";
import { present } from "../base/assert.ts";
import { chain, isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { ChunkInputs, noChunks } from "./chunk-inputs.ts";
import { type Committed, commitOutput, findCommitted } from "./commit-output.ts";
import { runInTask } from "./current-task.ts";
import type { WorkerEnvironment } from "./environment.ts";
import { InputReader } from "./input-reader.ts";
import type { LinkedProgram, LinkedStep } from "./linked-program.ts";
import type { PeakGauge } from "./peak-gauge.ts";
import type { SetUp } from "./set-up.ts";
import { TaskContext } from "./task-context.ts";
import { failureOf } from "./thrown.ts";
import type { UnwantedTasks } from "./unwanted-tasks.ts";

/** What the tasks of one invocation share. */
export interface InvocationContext {
  readonly environment: WorkerEnvironment;
  readonly stage: Invocation["stage"];
  readonly program: LinkedProgram;
  readonly stop: AbortSignal;
  readonly unwanted: UnwantedTasks;
  /** Called when a task first looks at its signal. */
  onListens?(): void;
  readonly peak: PeakGauge;
}

/**
 * Runs one task: read, steps, commit. Never throws or rejects: whatever happens is a result. Where inputs came with
 * the task and the user's function returns no promise, none is made here either: a trivial task costs microseconds.
 */
export function runTask(spec: TaskSpec, context: InvocationContext): MaybePromise<TaskResult> {
  const run = new TaskRun(spec, context);
  try {
    const result = runInTask(run.task, () => run.start());
    if (!isPromise(result)) return result;
    return run.task.orFail(result).catch((error) => run.failed(error));
  } catch (error) {
    return run.failed(error);
  }
}

class TaskRun {
  readonly task: TaskContext;
  readonly #spec: TaskSpec;
  readonly #context: InvocationContext;
  readonly #reader: InputReader;
  #startMs: number;
  #runEndMs: number | undefined;
  /** What the worker is being set up by: what goes wrong meanwhile is its fault. */
  #settingUp: SetUp | undefined;

  constructor(spec: TaskSpec, context: InvocationContext) {
    const { environment, stage, stop, unwanted } = context;
    const { store, copies, now } = environment;
    this.#spec = spec;
    this.#context = context;
    this.#startMs = now();
    this.#reader = new InputReader({ store, copies, signal: stop, now });
    this.task = new TaskContext(stage, spec, context);
    unwanted.begin(this.task);
  }

  start(): MaybePromise<TaskResult> {
    const { setUp } = this.#context.program;
    if (setUp === undefined || setUp.isDone) return this.#begin();
    this.#settingUp = setUp;
    return chain(setUp.ready(), () => {
      this.#settingUp = undefined;
      // It says nothing of how long the next tasks take.
      this.#startMs = this.#context.environment.now();
      return this.#begin();
    });
  }

  #begin(): MaybePromise<TaskResult> {
    const { stage } = this.#context;
    if (this.#spec.attempt === 1 && !stage.isStored) return this.#run();
    return findCommitted(this.task, stage).then((found) =>
      found === undefined ? this.#run() : this.#done(found),
    );
  }

  failed(error: unknown): TaskResult {
    const { index, attempt } = this.#spec;
    const { stop } = this.#context;
    const failure = this.#failure(error);
    return {
      status: "failed",
      index,
      attempt,
      failure: this.task.cutShort ?? (stop.aborted ? { kind: "returned" } : failure),
      measures: this.#measures(),
      ...this.#events(),
    };
  }

  #failure(error: unknown): Failure {
    const failure = failureOf(error, () => this.#context.peak.read());
    const setUp = this.#settingUp;
    setUp?.again();
    return setUp !== undefined && failure.kind === "user"
      ? { ...failure, setUp: setUp.label }
      : failure;
  }

  #run(): MaybePromise<TaskResult> {
    return chain(this.#inputs(), (inputs) =>
      chain(this.#steps(inputs, [], 0), (output) => {
        this.#runEndMs = this.#context.environment.now();
        return chain(commitOutput(output, this.task, this.#context.stage), (committed) =>
          this.#done(committed),
        );
      }),
    );
  }

  /** Per slot, its one chunk decoded, or a list that reads as it is asked. */
  #inputs(): MaybePromise<readonly unknown[]> {
    const { inputs } = this.#spec;
    const { singles } = this.#context.stage;
    const opened: unknown[] = new Array(inputs.length);
    let waits = false;
    for (let slot = 0; slot < inputs.length; slot++) {
      const refs = present(inputs[slot], "an input slot");
      if (singles[slot]) {
        const chunk = this.#reader.read(present(refs[0], "the chunk of a slot that reads one"));
        if (isPromise(chunk)) waits = true;
        opened[slot] = chunk;
      } else opened[slot] = refs.length === 0 ? noChunks : new ChunkInputs(refs, this.#reader);
    }
    return waits ? Promise.all(opened) : opened;
  }

  /** Runs the steps from `first` on; the last one's result is the task's output. */
  #steps(inputs: readonly unknown[], results: unknown[], first: number): MaybePromise<unknown> {
    const { program } = this.#context;
    for (let i = first; i < program.steps.length; i++) {
      const step = present(program.steps[i], "a step");
      const { params, functions, shipped } = step;
      const values: unknown[] = new Array(step.arguments.length);
      for (let a = 0; a < values.length; a++) {
        const argument = present(step.arguments[a], "an argument");
        values[a] = "input" in argument ? inputs[argument.input] : results[argument.step];
      }
      const result = step.kernel({
        arguments: values,
        params,
        functions,
        shipped,
        task: this.task,
      });
      if (isPromise(result)) {
        // The user's own thenable may know no more than `then`.
        return Promise.resolve(result).then((value) => {
          this.task.checkGoesOn();
          keep(results, value, step);
          return this.#steps(inputs, results, i + 1);
        });
      }
      keep(results, result, step);
    }
    return results.at(-1);
  }

  #done({ output, existed, lazy }: Committed): TaskResult {
    const { index, attempt } = this.#spec;
    const measures = this.#measures();
    // Whoever wrote what was there already has told of it.
    if (!existed) this.task.endsDone();
    const events = this.#events();
    return { status: "done", index, attempt, output, existed, lazy, measures, ...events };
  }

  #events(): Pick<TaskResult, "events"> {
    const { events } = this.task;
    return events === undefined ? {} : { events };
  }

  #measures(): Measures {
    const endMs = this.#context.environment.now();
    const runEndMs = this.#runEndMs ?? endMs;
    return {
      startMs: this.#startMs,
      readMs: this.#reader.ms,
      runMs: Math.max(0, runEndMs - this.#startMs - this.#reader.ms),
      writeMs: endMs - runEndMs,
      readBytes: this.#reader.bytes,
      peakBytes: this.#context.peak.after(endMs),
    };
  }
}

/** Adds a step's result, and lets go of those that nobody reads any more: a chain of large ones holds only two. */
function keep(results: unknown[], result: unknown, { lastReadOf }: LinkedStep): void {
  results.push(result);
  for (const earlier of lastReadOf) results[earlier] = undefined;
}
