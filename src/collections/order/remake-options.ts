import { checkOptions } from "../../base/check-options.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { isRecord } from "../../base/nested.ts";
import { isLazy, type Lazy } from "../../client/collection.ts";
import { type LazyStructure, laziesIn } from "../../client/lazy-structure.ts";
import { holdsLazies } from "../../code/lazy/argument.ts";

/** How `clone` and `bind` make work again. */
export interface RemakeOptions {
  /** Collections that stay as they are, with all that they are made of: it is not run again for the new ones. */
  readonly omit?: LazyStructure;
  /** Equal seeds give equal names; left out: a new name for each call. */
  readonly seed?: string | number;
}

let calls = 0;

/** The options, checked: the salt of new names, and what stays as it is. */
export function remakeOptions(
  where: string,
  options: RemakeOptions | undefined,
): { readonly salt: string; readonly omit: readonly Lazy[] } {
  const { omit, seed } = checkOptions(where, options, ["omit", "seed"]);
  if (seed !== undefined && typeof seed !== "string" && typeof seed !== "number") {
    throw badArgument(`${where}: seed`, "a text or a number", seed);
  }
  if (seed === undefined) calls += 1;
  return {
    // The same program counts the same calls, and so finds its names again after it was cut off.
    salt: nameOf(seed === undefined ? ["call", calls] : ["seed", seed]),
    omit: omit === undefined || isEmpty(omit) ? [] : laziesIn([omit], `${where}: omit`),
  };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The options, if the last value is a plain record without lazies. */
export function splitRemakeOptions(given: readonly unknown[]): {
  readonly values: readonly unknown[];
  readonly options: RemakeOptions | undefined;
} {
  const last = given.at(-1);
  const isOptions =
    given.length > 1 &&
    (last === undefined || (isRecord(last) && !isLazy(last) && !holdsLazies(asData(last))));
  if (!isOptions) return { values: given, options: undefined };
  return { values: given.slice(0, -1), options: last };
}

/** `omit` may hold lazies and is an option for all that. */
function asData(record: Record<string, unknown>): Record<string, unknown> {
  const { omit: _, ...rest } = record;
  return rest;
}
