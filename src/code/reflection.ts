import util from "node:util";

/** The prototype of `object`. Like everything here it runs no getter; Proxies must be refused before. */
export function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

/** `object` and what it inherits from, nearest first, up to the first Proxy. */
export function* inheritance(object: object | null): Generator<object> {
  for (let at = object; at !== null; at = util.types.isProxy(at) ? null : prototypeOf(at)) yield at;
}

/** The value of an own data property; undefined if there is none. */
export function ownValue(object: object, key: string | symbol): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** The function's name, whatever its class has made of it. */
export function functionName(fn: object): string {
  const name = ownValue(fn, "name");
  return typeof name === "string" ? name : "";
}

/** True for what has properties. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
