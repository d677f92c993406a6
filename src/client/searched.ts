import { present } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { type Container, plainContainer, rebuildNested } from "../base/nested.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import { holdersIn } from "../code/lazy/holders.ts";
import type { LazyArgument } from "../code/lazy/node.ts";
import { isLazy } from "./collection.ts";
import { fill, type Results } from "./fill.ts";
import type { WorkResult } from "./work-result.ts";

/**
 * What `compute` was given, and the lazies in its lists, records, Maps and Sets. All else never leaves the program, and
 * what holds no lazy is never copied.
 */
export class Searched {
  readonly #value: unknown;
  /** What holds lazies, as it was when it was given: the program may change it in the meantime. */
  readonly #holders = new Map<unknown, Container>();
  /** Of the lazies, each once, in order. */
  readonly #arguments = new Map<unknown, LazyArgument>();
  readonly #where: string;

  constructor(value: unknown, where: string) {
    this.#value = value;
    this.#where = where;
    const cycle = this.#inCycle;
    for (const holder of holdersIn(value, (item) => this.#take(item), { cycle })) {
      const { items, make } = present(plainContainer(holder), "a container");
      this.#holders.set(holder, { items: [...items], make });
    }
  }

  get lazies(): readonly LazyArgument[] {
    return [...this.#arguments.values()];
  }

  /** It with the value of each lazy in its place; the first error if there is one. */
  filled(results: Results): WorkResult {
    const values = new Map<unknown, { readonly value: unknown }>();
    for (const [lazy, argument] of this.#arguments) {
      const result = fill(argument, results);
      if (result.kind === "error") return result;
      values.set(lazy, result);
    }
    const value = rebuildNested(this.#value, {
      open: (item) => values.get(item) ?? this.#holders.get(item) ?? { value: item },
      cycle: this.#inCycle,
    });
    return { kind: "value", value };
  }

  #take(item: object): boolean {
    if (!isLazy(item)) return false;
    if (!this.#arguments.has(item)) {
      this.#arguments.set(item, argumentOf(item, { where: this.#where }));
    }
    return true;
  }

  readonly #inCycle = (): LambdaskError =>
    new LambdaskError("NOT_DATA", {
      message: `not plain data: ${this.#where}: it has lazies in a cycle`,
      fix: "pass a part of it, without the reference back",
    });
}
