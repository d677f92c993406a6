import { LambdaskError, shortly } from "../base/errors.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import type { Expr } from "../plan/expr.ts";
import type { IndexSet } from "../plan/index-set.ts";

/** The property that every lazy collection has: `compute`, `persist` and arguments of tasks know them by it. */
export const lazyKey: unique symbol = Symbol.for("lambdask.lazy");

/** What must be computed for one value, and how its chunks become that value. */
export interface LazyWork<T = unknown> {
  readonly expr: Expr;
  /** The expression's chunks that are needed. */
  readonly indexes: IndexSet;
  /** The value, from the decoded chunks in order of index. A part of a bag is decoded to an array of its records. */
  assemble(chunks: readonly unknown[]): T | Promise<T>;
  /**
   * What a task sees that takes the collection as an argument: its only chunk, or the records of all its chunks in
   * one array. Left out: the collection cannot be an argument of a task.
   */
  readonly asArgument?: "chunk" | "records";
  /** Parts of bags come as `Batches`, read from the store as they are wanted, as long as somebody keeps the chunks. */
  readonly streams?: boolean;
  /** The delayed call that the work is, if it is one: what needs the same call elsewhere is made one graph with it. */
  readonly node?: LazyNode;
}

/** What keeps the chunks of a persisted collection. */
export interface KeptHandle {
  /** Lets the store drop them. Again is no error. */
  release(): void;
  /** True as long as it keeps them. Left out: nothing is kept, and nothing has to be released. */
  isHeld?(): boolean;
}

/** Kinds of collections that can be published. */
export type PublishedKind = "bag" | "delayed" | "item";

/** Collections of one kind, which may share more when they are looked at together (a graph of delayed calls). */
export interface LazyFamily {
  /** What collections of it are called where they are published; left out: they cannot be. */
  readonly publishedAs?: PublishedKind;
  /** One work per source, in the same order. Works over the same expression object run as one. */
  works(sources: readonly unknown[]): readonly LazyWork[];
  /** A collection of this kind over `work.expr`, whose chunks are kept until `handle.release()`. */
  kept(source: unknown, work: LazyWork, handle: KeptHandle): unknown;
  /** They stand for work that has begun already: it is not kept, made again or held back for anything. */
  readonly hasBegun?: true;
  /** What tells apart collections of this kind; left out: the name of their work. */
  token?(source: unknown): string;
}

/** A collection's answer under `lazyKey`. */
export interface LazyParts<T = unknown> {
  readonly family: LazyFamily;
  /** What only the family understands. */
  readonly source: unknown;
  /** Never there: it carries the type of the computed value. */
  readonly computed?: T;
}

/** A collection: immutable, and never thenable, so that `await x` starts no work. */
export interface Lazy<T = unknown> {
  readonly [lazyKey]: LazyParts<T>;
}

/**
 * True if `value` is lazy: a Delayed, a bag, or a future, which all may be arguments of delayed calls.
 * @example
 * ```ts
 * console.log(isLazy(delayed(1)), isLazy(fromSequence([1])), isLazy([delayed(1)])); // → true true false
 * ```
 */
export function isLazy(value: unknown): value is Lazy {
  return (
    value !== null && (typeof value === "object" || typeof value === "function") && lazyKey in value
  );
}

/** The parts of `value`; a BAD_ARGUMENT error that names `where` if it is no collection. */
export function lazyParts(value: unknown, where: string): LazyParts {
  if (isLazy(value)) return value[lazyKey];
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: expected a lazy collection (Delayed, Bag), got ${shortly(value)}`,
    fix: "pass what delayed(…)(…) or a bag gave you, without awaiting it",
  });
}

/** The works of collections of any kinds, each family asked once. */
export function worksOf(parts: readonly LazyParts[]): LazyWork[] {
  const works = new Array<LazyWork>(parts.length);
  const families = new Map<LazyFamily, number[]>();
  for (const [position, { family }] of parts.entries()) {
    const positions = families.get(family);
    if (positions) positions.push(position);
    else families.set(family, [position]);
  }
  for (const [family, positions] of families) {
    const found = family.works(positions.map((position) => parts[position]?.source));
    for (const [i, work] of found.entries()) works[positions[i] ?? 0] = work;
  }
  return works;
}
