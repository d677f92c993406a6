import { LambdaskError } from "./errors.ts";

/** Throws a BUG error unless `condition` holds: for what the code relies on, never for what a user may get wrong. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new LambdaskError("BUG", { message: `internal: ${message}` });
}

/** Ends an exhaustive `switch`: the type system proves that it is never reached. */
export function unreachable(value: never): never {
  throw new LambdaskError("BUG", { message: `internal: unexpected ${JSON.stringify(value)}` });
}

/** `value`, which the caller knows is there; a BUG error that names `what` if it is not. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) {
    throw new LambdaskError("BUG", { message: `internal: ${what} is missing` });
  }
  return value;
}
