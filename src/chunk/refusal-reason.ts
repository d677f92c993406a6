import { classNameOf } from "../base/class-name.ts";
import { depthMax, type Findings, toPackable } from "./to-packable.ts";

/**
 * Where and why `value` is not data: `result.rows[3].client: an instance of Socket`. Runs only after an encoding was
 * refused, so it may be slow: it tries every child until it stands before the one that cannot be written.
 */
export function refusalReason(value: unknown, where: string): string {
  const ancestors = new Map<object, string>();
  let current = value;
  let path = where;
  for (;;) {
    if (typeof current !== "object" || current === null) return `${path}: ${nameOfKind(current)}`;
    const seenAt = ancestors.get(current);
    if (seenAt !== undefined) return `${path}: a cycle (it is ${seenAt} again)`;
    if (ancestors.size > depthMax) return `${path}: nested deeper than ${depthMax} levels`;
    ancestors.set(current, path);
    const child = firstRefusedChild(current, path, ancestors);
    if (child === undefined) return `${path}: ${nameOfKind(current)}`;
    current = child.value;
    path = child.path;
  }
}

interface Child {
  readonly value: unknown;
  readonly path: string;
}

function firstRefusedChild(
  value: object,
  path: string,
  ancestors: ReadonlyMap<object, string>,
): Child | undefined {
  for (const child of children(value, path)) {
    const isAncestor =
      typeof child.value === "object" && child.value !== null && ancestors.has(child.value);
    if (isAncestor || !isData(child.value)) return child;
  }
  return undefined;
}

function isData(value: unknown): boolean {
  const findings: Findings = { records: 0 };
  try {
    toPackable(value, 0, findings);
    return true;
  } catch {
    return false;
  }
}

function* children(value: object, path: string): Iterable<Child> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield { value: value[i], path: `${path}[${i}]` };
  } else if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      yield { value: key, path: `${path}.keys()[${i}]` };
      yield { value: item, path: `${path}.get(${keyText(key, i)})` };
      i++;
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield { value: item, path: `${path}.values()[${i++}]` };
  } else if (isRecord(value) || value instanceof Error) {
    for (const key of fieldNames(value)) {
      const step = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`;
      yield { value: Reflect.get(value, key), path: path + step };
    }
  }
}

function fieldNames(value: object): readonly string[] {
  if (!(value instanceof Error)) return Object.keys(value);
  return [...new Set([...Object.keys(value), "cause", "errors"])];
}

function isRecord(value: object): boolean {
  return Object.getPrototypeOf(value) === null || classNameOf(value) === "Object";
}

function keyText(key: unknown, position: number): string {
  return typeof key === "string" || typeof key === "number" ? JSON.stringify(key) : `#${position}`;
}

function nameOfKind(value: unknown): string {
  if (isLazy(value)) return "a lazy value (compute it first)";
  if (typeof value === "function")
    return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value === "symbol") return `the symbol ${String(value.description)}`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  if (typeof Reflect.get(value, Symbol.iterator) === "function" && hasNext(value)) {
    return "a generator or iterator (collect it into an array: [...it])";
  }
  if (typeof Reflect.get(value, Symbol.asyncIterator) === "function" && hasNext(value)) {
    return "an async generator or iterator (collect it into an array: await Array.fromAsync(it))";
  }
  return `an instance of ${classNameOf(value) || "an unnamed class"}`;
}

function hasNext(value: object): boolean {
  return typeof Reflect.get(value, "next") === "function";
}

function isLazy(value: unknown): boolean {
  const isObject = typeof value === "function" || (typeof value === "object" && value !== null);
  return isObject && Symbol.for("lambdask.lazy") in value;
}
