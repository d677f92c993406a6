import type { Lazy } from "./collection.ts";
import type { Computed } from "./lazy-types.ts";

/** The value of a collection; of a list, a record, a Map or a Set the same with the values of the collections in it. */
export type ValueOf<T> = T extends Lazy<infer U> ? U : Computed<T>;
