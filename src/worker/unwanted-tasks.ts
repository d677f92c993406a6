import type { Failure } from "../backend/failure.ts";
import type { TaskContext } from "./task-context.ts";

/** What the host of an invocation tells its tasks while it runs: that nobody wants their results any more. */
export class UnwantedTasks {
  readonly #told = new Map<number, Failure>();
  #running: TaskContext | undefined;

  /** Tells tasks of these indexes, `why` as what a task failed that cuts its work short for it. */
  tell(indexes: Iterable<number>, why: Failure): void {
    for (const index of indexes) {
      this.#told.set(index, why);
      if (this.#running?.index === index) this.#running.tellUnwanted(why);
    }
  }

  /** Tells the task that runs now, whichever it is. */
  tellRunning(why: Failure): void {
    this.#running?.tellUnwanted(why);
  }

  /** Tells the task that runs now, and gives it up: whatever it does from now on, it has failed. */
  endRunning(why: Failure): void {
    this.tellRunning(why);
    this.#running?.giveUp(why);
  }

  /** A task begins. */
  begin(task: TaskContext): void {
    this.#running = task;
  }

  /** True if the task need not begin. */
  has(index: number): boolean {
    return this.#told.size > 0 && this.#told.has(index);
  }
}
