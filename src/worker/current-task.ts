import { AsyncLocalStorage } from "node:async_hooks";
import { type CurrentTask, currentTaskKey } from "../base/current-task.ts";

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
