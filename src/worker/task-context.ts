import { getEventListeners } from "node:events";
import type { ByteSource } from "../backend/byte-source.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { Failure } from "../backend/failure.ts";
import type { KernelTask } from "../backend/kernel.ts";
import type { Invocation, TaskEvent, TaskSpec } from "../backend/task.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { CurrentTask } from "../base/current-task.ts";
import { LambdaskError } from "../base/errors.ts";
import type { EventTaker } from "../base/log-event.ts";
import { decodeValue } from "../chunk/value-codec.ts";
import type { WorkerEnvironment } from "./environment.ts";
import { TaskEvents } from "./task-events.ts";
import { TaskFailure } from "./thrown.ts";

/** Tasks of this process that wait for a promise. */
export const unsettledTasks: Set<TaskContext> = new Set();

/** A task as its kernels and its user functions see it. What is rarely asked for is made when it is. */
export class TaskContext implements KernelTask, CurrentTask, EventTaker {
  readonly index: number;
  readonly attempt: number;
  readonly stop: AbortSignal;
  statistics: unknown = undefined;
  #events: TaskEvents | undefined;
  /** What its kernels tell if it is done. */
  #toTell: { readonly topic: string; readonly what: () => unknown }[] | undefined;
  readonly #stage: Invocation["stage"];
  readonly #spec: TaskSpec;
  readonly #around: { readonly environment: WorkerEnvironment; onListens?(): void };
  /** Made when the task's function first looks: one that never does cannot cut its work short. */
  #listening: AbortController | undefined;
  /** What the task has failed by, if it cuts its work short. */
  #unwanted: Failure | undefined;
  #isOver = false;
  #reject: ((error: unknown) => void) | undefined;
  #own: { readonly value: unknown } | undefined;
  #call = 0;

  constructor(
    stage: Invocation["stage"],
    spec: TaskSpec,
    around: {
      readonly environment: WorkerEnvironment;
      readonly stop: AbortSignal;
      onListens?(): void;
    },
  ) {
    this.index = spec.index;
    this.attempt = spec.attempt;
    this.stop = around.stop;
    this.#around = around;
    this.#stage = stage;
    this.#spec = spec;
  }

  get name(): string {
    return this.#stage.label;
  }

  get count(): number {
    return this.#stage.count;
  }

  get positions(): readonly (readonly number[])[] {
    return this.#spec.positions ?? [];
  }

  get own(): unknown {
    if (this.#own === undefined) {
      const bytes = this.#spec.own;
      this.#own = { value: bytes === undefined ? undefined : decodeValue(bytes) };
    }
    return this.#own.value;
  }

  get idempotencyKey(): string {
    const { name, nonce } = this.#stage;
    const call = this.#call === 0 ? "" : `/${this.#call}`;
    return nameOfBytes(`${name}/${this.index}/${nonce}${call}`);
  }

  /** The signal that its function sees. */
  get signal(): AbortSignal {
    if (this.#listening === undefined) {
      this.#listening = new AbortController();
      if (this.#unwanted === undefined) this.#around.onListens?.();
      else this.#listening.abort(reasonOf(this.#unwanted, this.name));
    }
    return this.#listening.signal;
  }

  /** True if something in it waits for the signal. */
  get isListening(): boolean {
    return (
      this.#listening !== undefined && getEventListeners(this.#listening.signal, "abort").length > 0
    );
  }

  /** Nobody wants its result any more. It goes on, but may cut its work short if it listens. */
  tellUnwanted(why: Failure): void {
    this.#unwanted ??= why;
    this.#listening?.abort(reasonOf(this.#unwanted, this.name));
  }

  /** What it has failed by if it may have cut its work short: then what it gives is nothing that anybody may be given. */
  get cutShort(): Failure | undefined {
    return this.#listening === undefined ? undefined : this.#unwanted;
  }

  /** Throws if nothing more may come of it: it has failed already, or it was cut short. */
  checkGoesOn(): void {
    if (this.#isOver) throw new TaskFailure({ kind: "returned" });
    if (this.cutShort !== undefined) throw new TaskFailure(this.cutShort);
  }

  startCall(call: number): void {
    this.#call = call;
  }

  /** What its function has logged and its kernels have told; `undefined` for nothing. */
  get events(): readonly TaskEvent[] | undefined {
    return this.#events?.list;
  }

  takeEvent(topic: string, data: unknown): void {
    this.#events ??= new TaskEvents();
    this.#events.add(topic, data);
  }

  tellWhenDone(topic: string, what: () => unknown): void {
    this.#toTell ??= [];
    this.#toTell.push({ topic, what });
  }

  /** Its output is committed, by itself. */
  endsDone(): void {
    for (const { topic, what } of this.#toTell ?? []) {
      const data = what();
      if (data === undefined) continue;
      this.#events ??= new TaskEvents();
      this.#events.addOwn(topic, data);
    }
  }

  get sources(): ByteSource {
    return this.#around.environment.sources;
  }

  get store(): ChunkStore {
    return this.#around.environment.store;
  }

  /** Ends as `work` does, or rejects with what `fail` is called with before. */
  orFail<T>(work: Promise<T>): Promise<T> {
    const failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    unsettledTasks.add(this);
    return Promise.race([work, failed]).finally(() => {
      unsettledTasks.delete(this);
      this.#reject = undefined;
    });
  }

  /**
   * Ends the task with an error that came past its promise: a rejection nobody handles, a throw in a timer. False if
   * the task has ended: then its result stands.
   */
  fail(error: unknown): boolean {
    const reject = this.#reject;
    this.#isOver ||= reject !== undefined;
    reject?.(error);
    return reject !== undefined;
  }

  /** Ends the task with a failure, whatever its function goes on to do. */
  giveUp(why: Failure): void {
    this.fail(new TaskFailure(why));
  }

  report(statistics: unknown): void {
    this.statistics = statistics;
  }
}

/** What a signal says that fires. */
function reasonOf(why: Failure, name: string): LambdaskError {
  if (why.kind === "timeout") {
    const message = `task "${name}" ran longer than its limit of ${Math.round(why.afterMs)} ms`;
    return new LambdaskError("TASK_TIMEOUT", { message });
  }
  const message = `the result of task "${name}" is not wanted any more`;
  return new LambdaskError("CANCELLED", { message });
}
