import type { Lazy } from "../client/collection.ts";
import type { ComputeOptions } from "../client/compute-options.ts";
import type { ExplainOptions } from "../client/explain.ts";
import type { Computed, LazyInputs } from "../client/lazy-types.ts";

/** What every delayed value can do itself. Any other name reads an attribute or calls a method of the result. */
export interface DelayedMethods<T> extends Lazy<T> {
  /**
   * Runs the work and gives its value.
   * @example
   * ```ts
   * console.log(await delayed((n: number) => n + 1)(1).compute()); // → 2
   * ```
   */
  compute(options?: ComputeOptions): Promise<T>;
  /**
   * Runs the work and gives a delayed value whose result is kept in the store until `release()`.
   * @example
   * ```ts
   * using kept = await delayed((n: number) => n + 1)(1).persist();
   * console.log(await kept.compute()); // → 2
   * ```
   */
  persist(options?: ComputeOptions): Promise<Delayed<T>>;
  /**
   * Lets the store drop what `persist` kept; does nothing to a value that was not persisted.
   * @example
   * ```ts
   * const kept = await delayed((n: number) => n + 1)(1).persist();
   * kept.release();
   * ```
   */
  release(): void;
  [Symbol.dispose](): void;
  /**
   * What would run, as text. Runs nothing.
   * @example
   * ```ts
   * console.log(delayed((n: number) => n + 1)(1).explain());
   * ```
   */
  explain(options?: ExplainOptions): string;
  /**
   * The stages that would run, as an SVG drawing. Runs nothing.
   * @example
   * ```ts
   * writeFileSync("plan.svg", delayed((n: number) => n + 1)(1).visualize());
   * ```
   */
  visualize(): string;
}

/** Attributes and methods of a result, lazily. */
export type DelayedMembers<T> = {
  readonly [K in Exclude<keyof T, keyof DelayedMethods<unknown> | "then">]: T[K] extends (
    ...args: never[]
  ) => unknown
    ? DelayedMethod<Signature<T[K]>> & Delayed<T[K]>
    : Delayed<T[K]>;
};

/** The overloads of a function, as a union of parameters and result: TypeScript can infer only so many at once. */
type Signature<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
}
  ? Known<A1, R1> | Known<A2, R2> | Known<A3, R3> | Known<A4, R4>
  : never;

/** Nothing for an overload that is not there. */
type Known<A, R> = unknown[] extends A
  ? unknown extends R
    ? never
    : { readonly args: A; readonly result: R }
  : { readonly args: A; readonly result: R };

type DelayedMethod<S> = [S] extends [{ readonly args: infer A; readonly result: infer R }]
  ? (...args: A extends readonly unknown[] ? LazyInputs<A> : never) => Delayed<Computed<Awaited<R>>>
  : never;

/**
 * A value that is not computed yet. It cannot be set, iterated, compared or put into text: those throw. JavaScript
 * cannot trap truth tests, so `if (lazy)` is always true: compute first.
 * @example
 * ```ts
 * const words: Delayed<string[]> = delayed((text: string) => text.split(" "))("to be");
 * console.log(await words.length.compute(), await words.join("+").compute()); // → 2 to+be
 * ```
 */
export type Delayed<T> = DelayedMethods<T> & DelayedMembers<T>;

/** A delayed list of known length, which can be destructured. */
export type DelayedList<T extends readonly unknown[]> = DelayedMethods<T> & {
  readonly [K in keyof T]: Delayed<T[K]>;
};

/** A function whose calls are put off. */
export type DelayedFunction<A extends readonly unknown[], R> = (
  ...args: LazyInputs<A>
) => Delayed<Computed<Awaited<R>>>;

/** A function whose calls are put off and give several values. */
export type DelayedListFunction<A extends readonly unknown[], R> = (
  ...args: LazyInputs<A>
) => Computed<Awaited<R>> extends infer L extends readonly unknown[] ? DelayedList<L> : never;

/** How calls of a delayed function run. */
export interface DelayedOptions {
  /**
   * `true` (the default): equal calls are one, and results may be shared and taken up again after a kill.
   * `false`: every call runs, for work with effects or chance in it.
   */
  readonly pure?: boolean;
  /** The call gives a list of this many values, which can be destructured. */
  readonly nout?: number;
  /** What messages and progress call it; left out: the function's own name. */
  readonly name?: string;
  /** Extra attempts after the function has thrown: n retries mean n + 1 attempts. */
  readonly retries?: number;
  /** Higher runs first. */
  readonly priority?: number;
  /** Memory that one call needs, such as `"2 GiB"`. */
  readonly memory?: number | string;
  /** Longest time for one attempt, in milliseconds. */
  readonly timeoutMs?: number;
  /** `false`: arguments are not searched for lazies inside lists, records, Maps and Sets. */
  readonly traverse?: boolean;
  /**
   * `true`: constants at the top level of the function's module that a package made and that cannot be copied (a
   * schema, a limiter) are made again in each worker, by the code that made them. What they have taken in since is lost.
   */
  readonly recreate?: boolean;
}
