import util from "node:util";
import { badArgument } from "../base/errors.ts";

/** A thing that each worker makes once, on its first use: call it to get the thing. */
export type PerWorker<T> = () => T;

/** Under this key a handle keeps its maker, for `capture`. */
export const makerKey: unique symbol = Symbol.for("lambdask.perWorker");

/**
 * Makes `make()`'s result once per worker (and once in this process, if it is called here), at the first call of the
 * handle. If it throws or its promise rejects, the next call tries again.
 * @example
 * ```ts
 * const cache = perWorker(() => new Map<string, number>());
 * const lengths = fromSequence(["a", "bb"]).map((text) => {
 *   cache().set(text, text.length);
 *   return cache().get(text);
 * });
 * console.log(await lengths.compute()); // → [ 1, 2 ]
 * ```
 */
export function perWorker<T>(make: () => T): PerWorker<T> {
  if (typeof make !== "function") throw badArgument("perWorker", "a function", make);
  const handle = makeOnce(make);
  Object.defineProperty(handle, makerKey, { value: make });
  return handle;
}

/** Calls `make` at the first call and remembers what it gave; a failure is not remembered. */
export function makeOnce<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made) return made.value;
    const mine = { value: make() };
    made = mine;
    const { value } = mine;
    if (util.types.isPromise(value)) {
      value.catch(() => {
        if (made === mine) made = undefined;
      });
    }
    return value;
  };
}
