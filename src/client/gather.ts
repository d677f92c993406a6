import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { type Container, isRecord, rebuildNested } from "../base/nested.ts";
import { holdersIn } from "../code/lazy/holders.ts";
import { Future } from "./future.ts";
import type { Whole } from "./lazy-types.ts";

/** What `gather` gives for `T`: values in place of futures, in containers of the same kinds. */
export type Gathered<T> =
  T extends Future<infer U>
    ? U
    : T extends Whole
      ? T
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Gathered<T[K]> }
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, Gathered<V>>
          : T extends ReadonlySet<infer V>
            ? Set<Gathered<V>>
            : T extends Iterable<infer V> & object
              ? Gathered<V>[]
              : T extends object
                ? { -readonly [K in keyof T]: Gathered<T[K]> }
                : T;

/** The same where futures that ended without a value are left out of their containers. */
export type GatheredSome<T> =
  T extends Future<infer U>
    ? U | undefined
    : T extends Whole
      ? T
      : T extends readonly (infer V)[]
        ? SomeOf<V>[]
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, SomeOf<V>>
          : T extends ReadonlySet<infer V>
            ? Set<SomeOf<V>>
            : T extends Iterable<infer V> & object
              ? SomeOf<V>[]
              : T extends object
                ? {
                    -readonly [K in keyof T]: T[K] extends Future<infer U>
                      ? U | undefined
                      : GatheredSome<T[K]>;
                  }
                : T;

type SomeOf<V> = V extends Future<infer U> ? U : GatheredSome<V>;

/** How `gather` takes errors. */
export interface GatherOptions {
  /** `"raise"` (the default): rejects with the first, in order. `"skip"`: leaves out what has no value. */
  readonly errors?: "raise" | "skip";
}

/** The values of all futures in `futures`, in containers like those given. Throws at once for what is no future. */
export function gatherNested(futures: unknown, options?: GatherOptions): Promise<unknown> {
  const { errors = "raise" } = checkOptions("client.gather", options, ["errors"]);
  if (!["raise", "skip"].includes(errors)) {
    throw badArgument("client.gather: errors", '"raise" or "skip"', errors);
  }
  const nested = new Nested(futures);
  return fillIn(nested, errors);
}

async function fillIn(nested: Nested, errors: "raise" | "skip"): Promise<unknown> {
  const futures = [...nested.futures];
  const values = errors === "skip" ? await settled(futures) : await all(futures);
  return nested.filled(new Map(futures.map((future, i) => [future, values[i]])));
}

/** Stands for a future that ended without a value. */
const absent: unique symbol = Symbol("absent");

/** The results of all futures, in order; rejects with the error of the first in order that has one. */
async function all(futures: readonly Future<unknown>[]): Promise<unknown[]> {
  const values = new Array<unknown>(futures.length);
  const reads: Promise<void>[] = [];
  for (const [i, future] of futures.entries()) {
    // One promise a future would cost more than the calls: only those are awaited that are not there yet.
    if (future.status === "pending") await future.ended();
    const ready = future.valueAtHand();
    if (ready) values[i] = ready.value;
    else {
      const read = future.result().then((value) => {
        values[i] = value;
      });
      // Awaited below, in order; until then it must not pass for unhandled.
      read.catch(() => undefined);
      reads.push(read);
    }
  }
  for (const read of reads) await read;
  return values;
}

async function settled(futures: readonly Future<unknown>[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const future of futures) {
    if (future.status === "pending") await future.ended();
    const ready = future.valueAtHand();
    values.push(ready ? ready.value : future.result().catch(() => absent));
  }
  return Promise.all(values);
}

/** Futures inside containers. Containers that hold none are looked through once and stay the same objects. */
class Nested {
  /** Each once, in order. */
  readonly futures = new Set<Future<unknown>>();
  readonly #root: unknown;
  /** Iterables that can be gone through once only: each becomes a list. */
  readonly #lists = new Map<object, readonly unknown[]>();
  /** Containers that hold futures or such iterables, as they were when they were given. */
  readonly #holders = new Map<unknown, Container>();

  constructor(root: unknown) {
    this.#root = root;
    const isSearched = root instanceof Future || isPlain(root) || isIterable(root);
    if (!isSearched) fail(root, []);
    this.#search(root);
  }

  #search(root: unknown): void {
    const search = { itemsOf: (value: object) => this.#itemsOf(value), cycle: inCycle };
    for (const holder of holdersIn(root, (value) => this.#take(value), search)) {
      const opened = this.#open(holder);
      if (opened) this.#holders.set(holder, { ...opened, items: [...opened.items] });
    }
  }

  /** True for what does not stay: futures, and iterables of other kinds, with what is in those. */
  #take(value: object): boolean {
    if (value instanceof Future) {
      this.futures.add(value);
      return true;
    }
    if (isPlain(value)) return false;
    if (this.#lists.has(value)) return true;
    if (!isIterable(value)) return false;
    const list = [...value];
    this.#lists.set(value, list);
    this.#search(list);
    const opened = this.#open(value);
    if (opened) this.#holders.set(value, opened);
    return true;
  }

  #itemsOf(value: object): readonly unknown[] | undefined {
    if (Array.isArray(value)) return value;
    if (value instanceof Map || value instanceof Set) return [...value.values()];
    if (isRecord(value)) return Object.values(value);
    if (!isData(value)) fail(value, this.#pathTo(value));
    return undefined;
  }

  /** Where `wrong` is, for the message. */
  #pathTo(wrong: object): readonly unknown[] {
    let found: readonly unknown[] = [];
    const open = (value: unknown): Container | undefined =>
      typeof value === "object" && value !== null && !(value instanceof Future)
        ? this.#open(value)
        : undefined;
    rebuildNested(this.#root, {
      open: (value, path) => {
        if (value === wrong && found.length === 0) found = path();
        const opened = found.length === 0 ? open(value) : undefined;
        return opened ? { ...opened, make: () => undefined } : { value: undefined };
      },
      cycle: inCycle,
    });
    return found;
  }

  /** It with `values`. */
  filled(values: ReadonlyMap<unknown, unknown>): unknown {
    const result = rebuildNested(this.#root, {
      open: (value) =>
        value instanceof Future
          ? { value: values.get(value) }
          : (this.#holders.get(value) ?? { value }),
      cycle: inCycle,
    });
    return result === absent ? undefined : result;
  }

  /** Keys of Maps are no futures. */
  #open(value: object): Container | undefined {
    if (value instanceof Map) return entries([...value], (made) => new Map(made));
    if (isRecord(value)) return entries(Object.entries(value), Object.fromEntries);
    const isSet = value instanceof Set;
    const items = Array.isArray(value) ? value : isSet ? [...value] : this.#lists.get(value);
    if (items === undefined) return undefined;
    const make = (made: readonly unknown[]): unknown => {
      const some = made.filter(isPresent);
      return isSet ? new Set(some) : some;
    };
    return { items, make };
  }
}

function entries(
  list: readonly (readonly [unknown, unknown])[],
  make: (entries: readonly (readonly [unknown, unknown])[]) => unknown,
): Container {
  return {
    items: list.map(([, item]) => item),
    make: (items) =>
      make(list.map(([key], i) => [key, items[i]] as const).filter(([, item]) => isPresent(item))),
    name: (item) => list[item]?.[0],
  };
}

function isPresent(value: unknown): boolean {
  return value !== absent;
}

function isPlain(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Set || isRecord(value);
}

/** True for lists and what gives items one by one; bytes are a value, and so is text. */
function isIterable(value: unknown): value is Iterable<unknown> & object {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.iterator in value &&
    !ArrayBuffer.isView(value)
  );
}

/** True for objects that hold nothing: they may lie beside futures. An instance of a class might hold some. */
function isData(value: object): boolean {
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return isBytes || value instanceof Date || value instanceof RegExp || value instanceof Error;
}

function fail(value: unknown, path: readonly unknown[]): never {
  const steps = path.length > 20 ? [...path.slice(0, 10), "…", ...path.slice(-10)] : path;
  const where = ["client.gather", ...steps.map((step) => `item ${String(step)}`)].join(": ");
  const containers = "a list, record, Map or Set of futures";
  const expected = `a Future, or ${path.length === 0 ? containers : `${containers}, or plain data`}`;
  throw badArgument(where, expected, value);
}

function inCycle(): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: "client.gather: the containers are a cycle",
    fix: "gather a part of them, without the reference back",
  });
}
