import { AsyncLocalStorage } from "node:async_hooks";
import { type CurrentTask, currentTaskKey } from "../base/current-task.ts";
import { TaskContext } from "./task-context.ts";

/** One storage per process, where every loaded copy of this library finds it. */
const storage = sharedStorage();

function sharedStorage(): AsyncLocalStorage<CurrentTask> {
  const shared = globalThis as { [currentTaskKey]?: AsyncLocalStorage<CurrentTask> };
  shared[currentTaskKey] ??= new AsyncLocalStorage<CurrentTask>();
  return shared[currentTaskKey];
}

/** Calls `run` as part of `task`: `currentTask` gives it there, and in everything that `run` starts. */
export function runInTask<T>(task: CurrentTask, run: () => T): T {
  return storage.run(task, run);
}

/** Ends the task that the running code belongs to with an error that its function let go unseen, if it still runs. */
export function failCurrentTask(error: unknown): "failed" | "has-ended" | "no-task" {
  const task = storage.getStore();
  if (!(task instanceof TaskContext)) return "no-task";
  return task.fail(error) ? "failed" : "has-ended";
}
