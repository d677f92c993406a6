import { type LazyStructure, laziesIn } from "../../client/lazy-structure.ts";
import { lazyValue } from "../delayed-builder.ts";
import type { Delayed } from "../delayed-types.ts";
import { doneNode } from "./done.ts";

/**
 * A delayed `null` that is there when all of the given were computed; none of their values is kept for it. They are
 * collections, futures, and lists, records, Maps and Sets of them.
 * @example
 * ```ts
 * const numbers = fromSequence([1, 2, 3]).map((n) => n * n);
 * console.log(await checkpoint(numbers, [delayed(1)]).compute()); // → null
 * ```
 */
export function checkpoint(...values: readonly LazyStructure[]): Delayed<null> {
  const lazies = laziesIn(values, "checkpoint");
  return lazyValue(doneNode(lazies, { stored: false })) as Delayed<null>; // The call gives null.
}
