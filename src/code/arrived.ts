const key = Symbol.for("lambdask.arrived");

/** Functions that came to this process with a task, shared by every copy of this library in it. */
const arrived = sharedSet();

function sharedSet(): WeakSet<object> {
  const holder = globalThis as { [key]?: WeakSet<object> };
  holder[key] ??= new WeakSet();
  return holder[key];
}

/** Notes that `value` came with a task. */
export function noteArrived(value: unknown): void {
  if (typeof value === "function") arrived.add(value);
}

/** True if `fn` came with a task, so that it can be sent again from here. */
export function hasArrived(fn: object): boolean {
  return arrived.has(fn);
}
