import { inspect } from "node:util";
import { LambdaskError } from "../base/errors.ts";
import { type Lazy, type LazyParts, lazyKey } from "./collection.ts";

/** What a collection class hands to its base. */
export interface LazyFacts<T> extends LazyParts<T> {
  /** What inspecting the collection shows: facts that are known without starting work. */
  describe(): string;
}

/**
 * What collection classes extend: holds what the client and the inspector know them by. A class of its own, since
 * declarations of exported classes may not have computed names.
 */
export const LazyBase: new <T>(facts: LazyFacts<T>) => Lazy<T> = class<T> implements Lazy<T> {
  readonly #facts: LazyFacts<T>;

  constructor(facts: LazyFacts<T>) {
    this.#facts = facts;
  }

  get [lazyKey](): LazyParts<T> {
    return this.#facts;
  }

  [inspect.custom](): string {
    return this.#facts.describe();
  }

  [Symbol.toPrimitive](): never {
    throw notComputed("put into text, compared or calculated with");
  }

  toJSON(): never {
    throw notComputed("written as JSON");
  }
};

function notComputed(use: string): LambdaskError {
  return new LambdaskError("LAZY_MISUSE", {
    message: `a collection or future cannot be ${use}: it has no value yet`,
    fix: "await its value first: .compute() of a bag, .result() of a future",
  });
}
