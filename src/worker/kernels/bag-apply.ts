import type { UserFunction } from "../../backend/kernel.ts";
import { assert } from "../../base/assert.ts";
import { Batches } from "../../chunk/batches.ts";
import type { InputList } from "../../chunk/input-list.ts";

/** A kernel's argument that is a part of a bag. */
export function batchesOf(argument: unknown): Batches {
  assert(argument instanceof Batches, "a bag operation got an argument that is no part of a bag");
  return argument;
}

/** A kernel's argument that is a list of chunks of `T`; the operation's own earlier stage wrote them. */
export function listOf<T>(argument: unknown): InputList<T> {
  const list =
    typeof argument === "object" && argument !== null && Symbol.asyncIterator in argument;
  assert(list, "a bag operation got an argument that is no list of chunks");
  return argument as InputList<T>;
}

/** A user function's result that must be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    typeof value === "object" &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** `call` on each record; if it is async, the batch's calls run together and are awaited once. */
export function applyEach(
  call: UserFunction,
  batch: readonly unknown[],
): readonly unknown[] | Promise<unknown[]> {
  const results: unknown[] = new Array(batch.length);
  let waits = false;
  try {
    for (let i = 0; i < batch.length; i++) {
      const result = call(batch[i]);
      if (isThenable(result)) waits = true;
      results[i] = result;
    }
  } catch (error) {
    // The promises made so far are nobody's now; their failures must not end the worker.
    if (waits) void Promise.allSettled(results);
    throw error;
  }
  return waits ? Promise.all(results) : results;
}
