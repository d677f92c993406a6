import { present } from "../base/assert.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError, shortly } from "../base/errors.ts";
import { isRecord } from "../base/nested.ts";
import { holdsLazies } from "../code/lazy/argument.ts";
import { annotateExprs } from "./annotate-expr.ts";
import { type CallSite, callSite } from "./call-site.ts";
import { isLazy, type Lazy, type LazyWork, lazyKey, worksOf } from "./collection.ts";
import type { Computable } from "./computable.ts";
import {
  type ComputeOptions,
  checkComputeOptions,
  computeOptionNames,
  settingsOf,
} from "./compute-options.ts";
import { currentEngine } from "./current.ts";
import type { Engine } from "./engine.ts";
import { leavesOf } from "./fill.ts";
import { settledWorks } from "./graph/late-nodes.ts";
import { nodeWorks } from "./graph/node-works.ts";
import type { LazyStructure } from "./lazy-structure.ts";
import { laziesIn, replaceLazies } from "./lazy-structure.ts";
import { Searched } from "./searched.ts";
import type { RunOptions } from "./started-run.ts";
import type { ValueOf } from "./value-of.ts";
import type { WorkResult } from "./work-result.ts";

/** How several collections are computed at once. */
export interface ComputeAllOptions extends ComputeOptions {
  /** `"fail"` (the default): the first failure stops all. `"collect"`: each argument gives `{ value }` or `{ error }`. */
  readonly onError?: "fail" | "collect";
}

/** What `compute` takes: a collection, a container of collections, or whatever else, which it gives back. */
export type ComputeInput =
  | LazyStructure
  | NotForgotten
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined;

/** Objects, but for functions that nobody called and promises that nobody awaited. */
type NotForgotten = object & { readonly apply?: never; readonly then?: never };

/** With `onError: "collect"`, how one argument ended. */
export type Collected<T> =
  | { readonly value: T; readonly error?: never }
  | { readonly error: unknown; readonly value?: never };

/**
 * Computes collections of any kinds at once, sharing what they have in common, and gives their values in order. Lists,
 * records, Maps and Sets are searched for collections, and made again if they hold some; all else stays the very same
 * object, whatever it is, and never leaves the program.
 * @example
 * ```ts
 * const root = delayed((n: number) => Math.sqrt(n));
 * const [three, words] = await compute(root(9), fromSequence(["a", "a"]).frequencies(), { retries: 2 });
 * console.log(three, words); // → 3 [ [ 'a', 2 ] ]
 * const [a] = await compute(root(16), { onError: "collect" });
 * if (a.error === undefined) console.log(a.value); // → 4
 * ```
 */
export function compute<T extends readonly ComputeInput[]>(
  ...values: [...T, options: ComputeAllOptions & { readonly onError: "collect" }]
): Promise<{ [K in keyof T]: Collected<ValueOf<T[K]>> }>;
export function compute<T extends readonly ComputeInput[]>(
  ...values: [...T, options: ComputeAllOptions]
): Promise<{ [K in keyof T]: ValueOf<T[K]> }>;
export function compute<T extends readonly ComputeInput[]>(
  ...values: T
): Promise<{ -readonly [K in keyof T]: ValueOf<T[K]> }>;
export async function compute(...values: readonly unknown[]): Promise<readonly unknown[]> {
  const site = callSite(compute);
  const searched = values.map((value, i) => searchedRoot(value, `compute: argument ${i + 1}`));
  const isLazyLast = (): boolean => searched.at(-1)?.lazies.length !== 0;
  const { lazies, options } = splitOptions("compute", values, isLazyLast);
  const roots = searched.slice(0, lazies.length);
  return computeRoots(await currentEngine(), roots, { ...options, site });
}

/** Computes one collection: what the method `compute` of every collection does. */
export async function computeOne<T>(
  lazy: Lazy<T>,
  options: ComputeOptions | undefined,
  where: string,
): Promise<T> {
  const site = callSite(computeOne);
  const checked = checkComputeOptions(where, options);
  const [value] = await computeRoots(await currentEngine(), [searchedRoot(lazy, where)], {
    ...checked,
    site,
  });
  return value as T; // The work behind `lazy` assembles a T.
}

/** Computes one work of a collection: some of its chunks, or a value made of them in another way. */
export async function computeWork<T>(
  work: LazyWork<T>,
  options: ComputeOptions | undefined,
  where: string,
): Promise<T> {
  const site = callSite(computeWork);
  const checked = checkComputeOptions(where, options);
  const [result] = await runAnnotated(await currentEngine(), settledWorks([work], nodeWorks), {
    ...checked,
    site,
  });
  return valueOrThrow(present(result, "a result")) as T; // `work` assembles a T.
}

/**
 * Computes collections and keeps their chunks in the store: gives collections of the same kinds that start from there.
 * Lists, Maps and Sets are searched for collections, and given back with what is kept in their place; futures stay what
 * they are. Each is let go with `release()`, or at the end of a `using` block.
 * @example
 * ```ts
 * const [squares] = await persist(fromSequence([1, 2, 3]).map((n) => n * n));
 * console.log(await squares.count().compute()); // → 3
 * squares.release();
 * ```
 */
export function persist<T extends readonly Computable[]>(...values: T): Promise<T>;
export function persist<T extends readonly Computable[]>(
  ...values: [...T, options: ComputeOptions]
): Promise<T>;
export async function persist(...values: readonly unknown[]): Promise<readonly unknown[]> {
  const site = callSite(persist);
  const { lazies: given, options } = splitOptions("persist", values, holdsLazies);
  const lazies = laziesIn(given, "persist").filter((lazy) => !lazy[lazyKey].family.hasBegun);
  const parts = lazies.map((lazy) => lazy[lazyKey]);
  const works = annotated(settledWorks(worksOf(parts), nodeWorks), options);
  const { persistWorks } = await import("./persist-works.ts");
  const kept = await persistWorks(
    await currentEngine(),
    works,
    runOptions("persist", { ...options, site }),
  );
  const byLazy = new Map<Lazy, unknown>();
  for (const [i, { family, source }] of parts.entries()) {
    const { work, handle } = present(kept[i], "a kept work");
    byLazy.set(present(lazies[i], "a collection"), family.kept(source, work, handle));
  }
  // Each family gives a collection of the kind it was given.
  return given.map((value) => replaceLazies(value, (lazy) => byLazy.get(lazy) ?? lazy));
}

/** Options of `compute`, and where it was called. */
interface SitedOptions extends ComputeAllOptions {
  readonly site: CallSite;
}

/** Computes `roots` on `engine`: their values, or with `onError: "collect"` how each ended. */
async function computeRoots(
  engine: Engine,
  roots: readonly Searched[],
  options: SitedOptions,
): Promise<unknown[]> {
  const { leaves, works } = leavesOf(
    roots.flatMap((root) => root.lazies),
    "compute",
  );
  const results = await runAnnotated(engine, works, options);
  const byLeaf = new Map(leaves.map((leaf, i) => [leaf, present(results[i], "a result")]));
  const filled = roots.map((root) => root.filled(byLeaf));
  if (options.onError === "collect") return filled.map(collected);
  return filled.map(valueOrThrow);
}

async function runAnnotated(
  engine: Engine,
  works: readonly LazyWork[],
  options: SitedOptions,
): Promise<WorkResult[]> {
  // Loaded when it is needed: programs that only build lazy work start faster.
  const { runWorks } = await import("./run-works.ts");
  return runWorks(engine, annotated(works, options), runOptions("compute", options));
}

function annotated(works: readonly LazyWork[], options: ComputeOptions): LazyWork[] {
  const { retries, priority } = options;
  const exprs = annotateExprs(
    works.map((work) => work.expr),
    {
      ...(retries === undefined ? {} : { retries }),
      ...(priority === undefined ? {} : { priority }),
    },
  );
  return works.map((work, i) => ({ ...work, expr: exprs[i] ?? work.expr }));
}

function runOptions(name: string, options: SitedOptions): RunOptions {
  return {
    name,
    site: options.site,
    onError: options.onError ?? "fail",
    signal: options.signal,
    reuse: options.reuse ?? false,
    settings: settingsOf(options),
    persist: name === "persist",
  };
}

function collected(result: WorkResult): Collected<unknown> {
  return result.kind === "value" ? { value: result.value } : { error: result.error };
}

function valueOrThrow(result: WorkResult): unknown {
  if (result.kind === "error") throw result.error;
  return result.value;
}

function searchedRoot(value: unknown, where: string): Searched {
  const isNoData = typeof value === "function" || typeof value === "symbol";
  if (isNoData && !isLazy(value)) throw noCollection(value, where);
  if (value instanceof Promise) throw promised(where);
  return new Searched(value, where);
}

function noCollection(value: unknown, where: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: expected a lazy collection (Delayed, Bag) or a list of them, got ${shortly(value)}`,
    fix: "pass what delayed(…)(…) or a bag gave you, without awaiting it; options come last",
  });
}

/** A forgotten `await`, most likely. Inside of containers it is nobody's concern. */
function promised(where: string): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `not plain data: ${where}: an instance of Promise`,
    fix: "await it first",
  });
}

/** The options, if the last value is a plain record without lazies. */
function splitOptions(
  where: string,
  values: readonly unknown[],
  holdsSome: (last: unknown) => boolean,
): { readonly lazies: readonly unknown[]; readonly options: ComputeAllOptions } {
  const last = values.at(-1);
  const isOptions = isRecord(last) && !holdsSome(last);
  if (isOptions && values.length === 1) throw noCollection(last, where);
  if (!isOptions) {
    return { lazies: values, options: checkComputeOptions(where, undefined) };
  }
  const known =
    where === "compute" ? ([...computeOptionNames, "onError"] as const) : computeOptionNames;
  const { onError, ...rest } = checkOptions<ComputeAllOptions>(where, last, known);
  if (onError !== undefined && !["fail", "collect"].includes(onError)) {
    throw badArgument(`${where}: onError`, '"fail" or "collect"', onError);
  }
  const options = checkComputeOptions(where, rest);
  return { lazies: values.slice(0, -1), options: { ...options, ...(onError ? { onError } : {}) } };
}
