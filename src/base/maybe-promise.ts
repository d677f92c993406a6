/** A value that may have to be awaited. */
export type MaybePromise<T> = T | Promise<T>;

/** True for promises: what is none must not cost a turn of the event loop. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** `next` on a value that may have to be awaited first. */
export function chain<A, B>(
  value: MaybePromise<A>,
  next: (value: A) => MaybePromise<B>,
): MaybePromise<B> {
  return isPromise(value) ? value.then(next) : next(value);
}
