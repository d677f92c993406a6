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
          : T extends object
            ? { readonly [K in keyof T]: LazyInput<T[K]> }
            : never);

/** The arguments of a function, each of which may be lazy. */
export type LazyInputs<A extends readonly unknown[]> = { [K in keyof A]: LazyInput<A[K]> };

/** What computing `T` gives: lazies that a task returns are computed too. */
export type Computed<T> =
  T extends Lazy<infer U>
    ? Computed<U>
    : T extends readonly unknown[]
      ? { [K in keyof T]: Computed<T[K]> }
      : T;
