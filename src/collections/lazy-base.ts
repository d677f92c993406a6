import { type Lazy, type LazyParts, lazyKey } from "../client/collection.ts";

/**
 * What collection classes extend: holds what the client knows them by. A class of its own, since declarations of
 * exported classes may not have computed names.
 */
export const LazyBase: new <T>(parts: LazyParts<T>) => Lazy<T> = class<T> implements Lazy<T> {
  declare readonly [lazyKey]: LazyParts<T>;

  constructor(parts: LazyParts<T>) {
    Object.defineProperty(this, lazyKey, { value: parts });
  }
};
