import { badArgument } from "../base/errors.ts";

const marked = new WeakSet<object>();

/**
 * Marks `fn`, and gives it back: constants at the top level of its module that a package made and that cannot be copied
 * (a schema, a limiter) are made again in each worker, by the code that made them. What they have taken in since is lost.
 * @example
 * ```ts
 * const half = recreate((n: number) => n / 2); // with any schema or limiter that it uses
 * console.log(await fromSequence([2, 4]).map(half).compute()); // → [ 1, 2 ]
 * ```
 */
export function recreate<F extends (...args: never[]) => unknown>(fn: F): F {
  if (typeof fn !== "function") throw badArgument("recreate", "a function", fn);
  marked.add(fn);
  return fn;
}

/** True if `fn` was given to `recreate`. */
export function isRecreated(fn: object): boolean {
  return marked.has(fn);
}
