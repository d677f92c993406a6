import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { lazyKey } from "../client/collection.ts";
import type { Computed } from "../client/lazy-types.ts";
import { installKind } from "../client/published-kinds.ts";
import { workOptions } from "../code/lazy/annotations.ts";
import { callAction } from "../code/lazy/call-settings.ts";
import { noOptions } from "../code/lazy/node.ts";
import { delayedCalls, delayedValue } from "./delayed-builder.ts";
import { installDelayed, publishedValue } from "./delayed-family.ts";
import type {
  Delayed,
  DelayedFunction,
  DelayedListFunction,
  DelayedOptions,
} from "./delayed-types.ts";

const optionNames = [
  "pure",
  "nout",
  "name",
  "retries",
  "priority",
  "memory",
  "timeoutMs",
  "traverse",
  "recreate",
] as const;

const noutMax = 10_000;

/**
 * Puts off the calls of a function, or wraps a value so that its attributes and methods are read later. The function is
 * captured now, with what it uses. Arguments may be lazies, also inside lists, records, Maps and Sets.
 * @example
 * ```ts
 * const load = delayed((name: string) => [name, name.toUpperCase()]);
 * const count = delayed((parts: string[][]) => parts.flat().length);
 * console.log(await count(["a", "b"].map((name) => load(name))).compute()); // → 4
 * ```
 */
export function delayed<A extends readonly unknown[], R>(
  call: (...values: A) => R,
  options: DelayedOptions & { readonly nout: number },
): DelayedListFunction<A, R>;
export function delayed<A extends readonly unknown[], R>(
  call: (...values: A) => R,
  options?: DelayedOptions,
): DelayedFunction<A, R>;
export function delayed<T>(value: T, options?: DelayedOptions): Delayed<Computed<T>>;
export function delayed(value: unknown, options?: DelayedOptions): unknown {
  const where = "delayed";
  const checked = checkOptions(where, options, optionNames);
  const { pure = true, nout, name, traverse = true, recreate = false } = checked;
  for (const [option, given] of Object.entries({ pure, traverse, recreate })) {
    if (typeof given !== "boolean")
      throw badArgument(`${where}: ${option}`, "true or false", given);
  }
  if (nout !== undefined) wholeNumber(`${where}: nout`, nout, { min: 0, max: noutMax });
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw badArgument(`${where}: name`, "a text", name);
  }
  const work = workOptions(where, checked);
  if (typeof value !== "function" || lazyKey in value) return delayedValue(value, { traverse });
  const own = { ...work, ...(name === undefined ? {} : { name }) };
  const settings = {
    action: callAction(value, where, recreate),
    options: Object.keys(own).length === 0 ? noOptions : own,
    pure,
    nout,
    traverse,
  };
  return delayedCalls(settings);
}

installDelayed();
installKind("delayed", async () => publishedValue);
installKind("item", async () => {
  const { Item } = await import("./bag/item.ts");
  return ({ expr }) => new Item(expr);
});
installKind("bag", async () => {
  const { Bag } = await import("./bag/bag.ts");
  return ({ expr }) => new Bag(expr);
});
