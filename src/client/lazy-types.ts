import type { Lazy } from "./collection.ts";

type Primitive = string | number | boolean | bigint | symbol | null | undefined;

/** A value, the promise of one by a lazy collection, or containers with lazies inside. */
export type LazyInput<T> =
  | T
  | Lazy<T>
  | (T extends Primitive | ((...args: never[]) => unknown)
      ? never
      : T extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<LazyInput<K>, LazyInput<V>>
        : T extends ReadonlySet<infer U>
          ? ReadonlySet<LazyInput<U>>
          : T extends readonly (infer U)[]
            ? LazyItems<T, U>
            : T extends object
              ? { readonly [K in keyof T]: LazyInput<T[K]> }
              : never);

/** Lists of any length are named apart from tuples, since only so a type may contain lists of itself, as that of JSON does. */
type LazyItems<T extends readonly unknown[], U> = number extends T["length"]
  ? readonly LazyInput<U>[]
  : { readonly [K in keyof T]: LazyInput<T[K]> };

/** The arguments of a function, each of which may be lazy. */
export type LazyInputs<A extends readonly unknown[]> = { [K in keyof A]: LazyInput<A[K]> };

/** Data that is never searched for lazies or futures. */
export type Whole =
  | Primitive
  | ((...args: never[]) => unknown)
  | Date
  | RegExp
  | ArrayBuffer
  | ArrayBufferView;

/**
 * `true` if there are lazies among what `T` holds. Looks a few levels deep: types may contain themselves, as those of trees
 * do, and a type without lazies keeps its name.
 */
type HoldsLazies<T, Levels extends readonly unknown[] = [1, 2, 3, 4, 5]> = Levels extends readonly [
  unknown,
  ...infer Deeper,
]
  ? T extends Lazy
    ? true
    : T extends Whole
      ? false
      : T extends readonly (infer U)[]
        ? HoldsLazies<U, Deeper>
        : T extends ReadonlyMap<infer K, infer V>
          ? HoldsLazies<K | V, Deeper>
          : T extends ReadonlySet<infer U>
            ? HoldsLazies<U, Deeper>
            : T extends object
              ? { [K in keyof T]-?: HoldsLazies<T[K], Deeper> }[keyof T]
              : false
  : false;

/** What computing `T` gives: lazies in lists, records, Maps and Sets are computed too, and those that a task returns. */
export type Computed<T> =
  T extends Lazy<infer U>
    ? Computed<U>
    : T extends Whole
      ? T
      : true extends HoldsLazies<T>
        ? Members<T>
        : T;

type Members<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<Computed<K>, Computed<V>>
    : T extends ReadonlySet<infer V>
      ? Set<Computed<V>>
      : { [K in keyof T]: Computed<T[K]> };
