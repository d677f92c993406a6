import type { Lazy } from "./collection.ts";

/** A collection, or a container of collections. */
export type Computable =
  | Lazy
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;
