import type { CodeModule } from "../backend/shipped-function.ts";
import type { ImportNode } from "./graph.ts";
import { isObject } from "./reflection.ts";

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

/** Something that a task imports, as it was sent. */
export interface ArrivedImport {
  readonly node: ImportNode;
  readonly code: CodeModule;
}

const imports = new WeakMap<object, ArrivedImport>();

/** Notes that `value` is what `arrived` imports: from here it is sent on as the same import. */
export function noteArrivedImport(value: unknown, arrived: ArrivedImport): void {
  noteArrived(value);
  if (isObject(value) && !imports.has(value)) imports.set(value, arrived);
}

/** The import that came with a task and gave `value`. */
export function arrivedImport(value: object): ArrivedImport | undefined {
  return imports.get(value);
}

/** True if `fn` came with a task, so that it can be sent again from here. */
export function hasArrived(fn: object): boolean {
  return arrived.has(fn);
}
