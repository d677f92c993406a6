import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { type Container, isRecord, rebuildNested } from "../base/nested.ts";
import { Future } from "./future.ts";

/** What `gather` gives for `T`: values in place of futures, in containers of the same kinds. */
export type Gathered<T> =
  T extends Future<infer U>
    ? U
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Gathered<T[K]> }
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Gathered<V>>
        : T extends ReadonlySet<infer V>
          ? Set<Gathered<V>>
          : T extends Iterable<infer V> & object
            ? Gathered<V>[]
            : T extends Leaf
              ? T
              : T extends object
                ? { -readonly [K in keyof T]: Gathered<T[K]> }
                : T;

/** The same where futures that ended without a value are left out of their containers. */
export type GatheredSome<T> =
  T extends Future<infer U>
    ? U | undefined
    : T extends readonly (infer V)[]
      ? SomeOf<V>[]
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, SomeOf<V>>
        : T extends ReadonlySet<infer V>
          ? Set<SomeOf<V>>
          : T extends Iterable<infer V> & object
            ? SomeOf<V>[]
            : T extends Leaf
              ? T
              : T extends object
                ? {
                    -readonly [K in keyof T]: T[K] extends Future<infer U>
                      ? U | undefined
                      : GatheredSome<T[K]>;
                  }
                : T;

type SomeOf<V> = V extends Future<infer U> ? U : GatheredSome<V>;
type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | ArrayBufferView
  | ((...values: never[]) => unknown);

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
  const nested = new Nested();
  nested.collect(futures);
  return fillIn(nested, futures, errors);
}

async function fillIn(
  nested: Nested,
  futures: unknown,
  errors: "raise" | "skip",
): Promise<unknown> {
  const values = errors === "skip" ? await settled(nested.futures) : await all(nested.futures);
  return nested.filled(futures, values);
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

/** Futures inside containers, in order. */
class Nested {
  readonly futures: Future<unknown>[] = [];
  /** Iterables that can be gone through once only. */
  readonly #lists = new Map<object, readonly unknown[]>();

  collect(root: unknown): void {
    rebuildNested(root, {
      open: (value, path) => {
        if (value instanceof Future) {
          this.futures.push(value);
          return { value: undefined };
        }
        const opened = this.#open(value);
        if (opened === undefined) {
          if (value === root || !isData(value)) fail(value, path());
          return { value };
        }
        return { ...opened, make: () => undefined };
      },
      cycle: inCycle,
    });
  }

  /** `value` with `values`, in the order in which the futures were collected. */
  filled(root: unknown, values: readonly unknown[]): unknown {
    let next = 0;
    const result = rebuildNested(root, {
      open: (value) =>
        value instanceof Future ? { value: values[next++] } : (this.#open(value) ?? { value }),
      cycle: inCycle,
    });
    return result === absent ? undefined : result;
  }

  /** Keys of Maps are no futures. */
  #open(value: unknown): Container | undefined {
    if (value instanceof Map) return entries([...value], (made) => new Map(made));
    if (isRecord(value)) return entries(Object.entries(value), Object.fromEntries);
    if (!isIterable(value)) return undefined;
    const isSet = value instanceof Set;
    const make = (items: readonly unknown[]): unknown => {
      const some = items.filter(isPresent);
      return isSet ? new Set(some) : some;
    };
    return { items: this.#listOf(value), make };
  }

  #listOf(value: Iterable<unknown> & object): readonly unknown[] {
    if (Array.isArray(value)) return value;
    const known = this.#lists.get(value);
    if (known) return known;
    const list = [...value];
    this.#lists.set(value, list);
    return list;
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

/** True for lists and what gives items one by one; bytes are a value, and so is text. */
function isIterable(value: unknown): value is Iterable<unknown> & object {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.iterator in value &&
    !ArrayBuffer.isView(value)
  );
}

/** True for data that holds nothing: it may lie beside futures. An instance of a class might hold some. */
function isData(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function" && typeof value !== "symbol";
  }
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return isBytes || value instanceof Date || value instanceof RegExp;
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
