const key: unique symbol = Symbol.for("lambdask.workerProcess");

/** Notes that this process is a worker: whatever runs in it runs for a program elsewhere. */
export function markWorkerProcess(): void {
  Reflect.set(globalThis, key, true);
}

/** True in a worker process, inside of tasks and outside. */
export function isWorkerProcess(): boolean {
  return Reflect.get(globalThis, key) === true;
}
