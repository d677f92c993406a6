import { classNameOf } from "../base/class-name.ts";
import { type InnerValue, innerOf } from "./inner-of.ts";
import { pieceLevels, toPackable, unremembered } from "./to-packable.ts";

interface Frame {
  readonly value: object;
  readonly path: string;
  readonly inner: Iterator<InnerValue>;
}

/**
 * Where and why `value` is not data: `result.rows[3].client: an instance of Socket`. Runs only after an encoding was
 * refused, so it may be slow: it goes through everything, in order, to the first thing that cannot be written.
 */
export function refusalReason(value: unknown, where: string): string {
  if (isRefused(value)) return `${where}: ${nameOfKind(value)}`;
  const around = new Map<unknown, string>([[value, where]]);
  const seen = new Set<unknown>();
  const open: Frame[] = [frameOf(value as object, where)];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const next = frame.inner.next();
    if (next.done === true) {
      open.pop();
      around.delete(frame.value);
      seen.add(frame.value);
      continue;
    }
    const { value: item, step } = next.value;
    const path = frame.path + step;
    const above = around.get(item);
    if (above !== undefined) return `${short(path)}: a cycle (it is ${short(above)} again)`;
    if (isRefused(item)) return `${short(path)}: ${nameOfKind(item)}`;
    if (typeof item !== "object" || item === null || seen.has(item)) continue;
    around.set(item, path);
    open.push(frameOf(item, path));
  }
  return `${where}: ${nameOfKind(value)}`;
}

function frameOf(value: object, path: string): Frame {
  return { value, path, inner: innerOf(value)[Symbol.iterator]() };
}

/** True if `value` cannot be written for what it is, and not for what is in it. */
function isRefused(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return isNoData(value);
  try {
    toPackable(
      value,
      pieceLevels,
      unremembered(() => null),
    );
    return false;
  } catch {
    for (const { value: item } of innerOf(value)) if (isNoData(item)) return false;
    return true;
  }
}

function isNoData(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

/** A path as long as people read. */
function short(path: string): string {
  return path.length > 400 ? `${path.slice(0, 200)} … ${path.slice(-150)}` : path;
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
