import { badArgument } from "../base/errors.ts";
import { isLazy, type Lazy } from "./collection.ts";
import type { Computable } from "./computable.ts";

/** A collection, or a list, record, Map or Set of collections, nested as deep as you like. */
export type LazyStructure = Computable | Readonly<Record<string, unknown>>;

const depthMax = 200;

/** `value` with every lazy in it replaced, in lists, records, Maps and Sets however nested. */
export function replaceLazies(
  value: unknown,
  replace: (lazy: Lazy) => unknown,
  depth = 0,
): unknown {
  if (isLazy(value)) return replace(value);
  if (depth > depthMax || typeof value !== "object" || value === null) return value;
  const inner = (item: unknown): unknown => replaceLazies(item, replace, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Set) return new Set([...value].map(inner));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [inner(key), inner(item)]));
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
}

/** All lazies in `values`, each once; a BAD_ARGUMENT error that names `where` and the one that holds none. */
export function laziesIn(values: readonly unknown[], where: string): Lazy[] {
  const found = new Set<Lazy>();
  for (const [i, value] of values.entries()) {
    let here = 0;
    replaceLazies(value, (lazy) => {
      here += 1;
      found.add(lazy);
      return lazy;
    });
    const argument = values.length === 1 ? where : `${where}: argument ${i + 1}`;
    if (here === 0) throw badArgument(argument, "a Delayed or a bag, or a list of them", value);
  }
  return [...found];
}

/** True for objects without a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
