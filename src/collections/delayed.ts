import { present } from "../base/assert.ts";
import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import {
  type KeptHandle,
  type Lazy,
  type LazyFamily,
  type LazyWork,
  lazyKey,
} from "../client/collection.ts";
import { computeOne, persist } from "../client/compute.ts";
import type { ComputeOptions } from "../client/compute-options.ts";
import { type ExplainOptions, explain, visualize } from "../client/explain.ts";
import { nodeWorks } from "../client/graph/node-works.ts";
import type { Computed } from "../client/lazy-types.ts";
import { workOptions } from "../code/lazy/annotations.ts";
import { callAction } from "../code/lazy/call-settings.ts";
import { type LazyNode, noOptions } from "../code/lazy/node.ts";
import { delayedCalls, delayedValue, installActions, lazyValue } from "./delayed-builder.ts";
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

/** Delayed values, looked at together: one graph of all their calls. */
const delayedFamily: LazyFamily = {
  works: (sources) => nodeWorks(sources as readonly LazyNode[]), // Only delayed values give sources to it.
  kept: (source, work, handle) => keptValue(source as LazyNode, work, handle),
};

/** A kept result, and the call that it came from. */
interface KeptSource {
  readonly work: LazyWork;
  readonly node: LazyNode;
  isKept(): boolean;
}

/** The delayed value of a result that is kept; once it is released, of the call that it came from. */
function keptValue(node: LazyNode, work: LazyWork, handle: KeptHandle): unknown {
  let isKept = true;
  const source: KeptSource = { work, node, isKept: () => isKept };
  const kept: Lazy = { [lazyKey]: { family: keptFamily, source } };
  const of: LazyNode = {
    kind: "node",
    action: { kind: "value" },
    arguments: [{ kind: "lazy", lazy: kept }],
    options: noOptions,
    nonce: "",
  };
  return lazyValue(of, undefined, () => {
    isKept = false;
    handle.release();
  });
}

const keptFamily: LazyFamily = {
  // Only `keptValue` gives sources to it.
  works: (sources) => (sources as readonly KeptSource[]).map(keptWork),
  kept: (source, work, handle) => keptValue((source as KeptSource).node, work, handle),
};

function keptWork({ work, node, isKept }: KeptSource): LazyWork {
  return isKept() ? work : present(nodeWorks([node])[0], "the work of a node");
}

installActions({
  parts: (node) => ({ family: delayedFamily, source: node }),
  // The builder's proxies pass on what users wrote; each function checks its own options.
  compute: (lazy, options) => computeOne(lazy as Lazy, options as ComputeOptions, "compute"),
  persist: async (lazy, options) => {
    const values =
      options === undefined ? [lazy as Lazy] : [lazy as Lazy, options as ComputeOptions];
    return (await persist(...(values as [Lazy])))[0];
  },
  explain: (lazy, options) => explain(lazy as Lazy, options as ExplainOptions),
  visualize: (lazy) => visualize(lazy as Lazy),
});
