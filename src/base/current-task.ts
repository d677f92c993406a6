/** The task that the running code belongs to. */
export interface CurrentTask {
  /** Name of the stage: what the task is called in messages. */
  readonly name: string;
  readonly index: number;
  /** 1 for the first try. */
  readonly attempt: number;
  /**
   * Fires when the task's result is not wanted any more: what asked for it was cancelled, has failed or was released, and
   * nothing else needs it; a backup was faster; its `timeoutMs` are over; or the client is closed or restarted. On Lambda it
   * fires only when the task's time or memory is over: a running function cannot be told. What a task gives or throws
   * after that counts for nothing if it has looked here, so it may stop anywhere. One that has not goes on to its end.
   */
  readonly signal: AbortSignal;
  /**
   * The same for every attempt of a delayed call or a future, different for any other call, and for another run of an
   * impure one. A task of a bag calls its functions for many records under one key: put the record's own number behind it.
   */
  readonly idempotencyKey: string;
}

/** Where the worker keeps what is current; shared by every copy of this library in the process. */
export const currentTaskKey: unique symbol = Symbol.for("lambdask.currentTask");

/**
 * The task that calls this, however deep and however asynchronous; `undefined` outside of tasks.
 * @example
 * ```ts
 * const charge = delayed((order: string) => `${order} ${currentTask()?.attempt}`, { pure: false });
 * console.log(await charge("pears").compute()); // → pears 1
 * ```
 */
export function currentTask(): CurrentTask | undefined {
  const holder: unknown = Reflect.get(globalThis, currentTaskKey);
  const task = isHolder(holder) ? holder.getStore() : undefined;
  return task && seen(task);
}

/** What users see: the worker's own object does more, and that is not for them. The key costs a hash. */
function seen(task: CurrentTask): CurrentTask {
  const { name, index, attempt } = task;
  return {
    name,
    index,
    attempt,
    get signal() {
      return task.signal;
    },
    get idempotencyKey() {
      return task.idempotencyKey;
    },
  };
}

function isHolder(value: unknown): value is { getStore(): CurrentTask | undefined } {
  return typeof value === "object" && value !== null && "getStore" in value;
}
