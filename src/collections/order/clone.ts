import type { Computable } from "../../client/computable.ts";
import { type LazyStructure, laziesIn, replaceLazies } from "../../client/lazy-structure.ts";
import { type RemakeOptions, remakeOptions, splitRemakeOptions } from "./remake-options.ts";
import { Remaker } from "./remaker.ts";

/**
 * The same collections under other names: what they compute runs again, beside the originals. What several of the given
 * share stays shared. One collection, or one container of them, gives its like; several give a list.
 * @example
 * ```ts
 * const roll = delayed(() => Math.random())();
 * const again = clone(roll);
 * const [first, second] = await compute(roll, again);
 * console.log(first === second); // → false
 * console.log(tokenize(clone(roll, { seed: 1 })) === tokenize(clone(roll, { seed: 1 }))); // → true
 * ```
 */
export function clone<T extends LazyStructure>(value: T, options?: RemakeOptions): T;
export function clone<T extends readonly Computable[]>(...values: T): T;
export function clone<T extends readonly Computable[]>(
  ...values: [...T, options: RemakeOptions]
): T;
export function clone(...given: readonly unknown[]): unknown {
  const where = "clone";
  const { values, options } = splitRemakeOptions(given);
  const { salt, omit } = remakeOptions(where, options);
  laziesIn(values, where);
  const remaker = new Remaker({ where, salt, omit, after: undefined });
  const clones = values.map((value) => replaceLazies(value, (lazy) => remaker.remake(lazy)));
  return clones.length === 1 ? clones[0] : clones;
}
