import type { ByteSource } from "../backend/byte-source.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { KernelTask } from "../backend/kernel.ts";
import type { Invocation, TaskEvent, TaskSpec } from "../backend/task.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { CurrentTask } from "../base/current-task.ts";
import type { EventTaker } from "../base/log-event.ts";
import { decodeValue } from "../chunk/value-codec.ts";
import type { WorkerEnvironment } from "./environment.ts";
import { TaskEvents } from "./task-events.ts";

/** Tasks of this process that wait for a promise. */
export const unsettledTasks: Set<TaskContext> = new Set();

/** A task as its kernels and its user functions see it. What is rarely asked for is made when it is. */
export class TaskContext implements KernelTask, CurrentTask, EventTaker {
  readonly index: number;
  readonly attempt: number;
  readonly signal: AbortSignal;
  statistics: unknown = undefined;
  #events: TaskEvents | undefined;
  readonly #stage: Invocation["stage"];
  readonly #spec: TaskSpec;
  readonly #environment: WorkerEnvironment;
  #reject: ((error: unknown) => void) | undefined;
  #own: { readonly value: unknown } | undefined;
  #call = 0;

  constructor(
    stage: Invocation["stage"],
    spec: TaskSpec,
    around: { readonly environment: WorkerEnvironment; readonly signal: AbortSignal },
  ) {
    this.index = spec.index;
    this.attempt = spec.attempt;
    this.signal = around.signal;
    this.#stage = stage;
    this.#spec = spec;
    this.#environment = around.environment;
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

  startCall(call: number): void {
    this.#call = call;
  }

  /** What its function has logged; `undefined` for nothing. */
  get events(): readonly TaskEvent[] | undefined {
    return this.#events?.list;
  }

  takeEvent(topic: string, data: unknown): void {
    this.#events ??= new TaskEvents();
    this.#events.add(topic, data);
  }

  get sources(): ByteSource {
    return this.#environment.sources;
  }

  get store(): ChunkStore {
    return this.#environment.store;
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
    reject?.(error);
    return reject !== undefined;
  }

  report(statistics: unknown): void {
    this.statistics = statistics;
  }
}
