import { checkOptions } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
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

const depthMax = 200;

/** The values of all futures in `futures`, in containers like those given. Throws at once for what is no future. */
export function gatherNested(futures: unknown, options?: GatherOptions): Promise<unknown> {
  const { errors = "raise" } = checkOptions("client.gather", options, ["errors"]);
  if (!["raise", "skip"].includes(errors)) {
    throw badArgument("client.gather: errors", '"raise" or "skip"', errors);
  }
  const nested = new Nested();
  nested.collect(futures, "client.gather", 0);
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
  #next = 0;
  /** Iterables that can be gone through once only. */
  readonly #lists = new Map<object, readonly unknown[]>();

  /** `where` is the place of `value`, for messages. */
  collect(value: unknown, where: string, depth: number): void {
    if (depth > depthMax) throw tooDeep();
    const inner = (item: unknown, name: unknown): void => {
      // Places are put into words only where that may be needed.
      if (item instanceof Future) this.futures.push(item);
      else this.collect(item, `${where}: item ${String(name)}`, depth + 1);
    };
    if (value instanceof Future) this.futures.push(value);
    else if (value instanceof Map) for (const [key, item] of value) inner(item, key);
    else if (isRecord(value)) for (const [key, item] of Object.entries(value)) inner(item, key);
    else if (isIterable(value))
      for (const [i, item] of this.#listOf(value).entries()) inner(item, i);
    else throw badArgument(where, "a Future, or a list, record, Map or Set of futures", value);
  }

  /** `value` with `values`, in the order in which the futures were collected. */
  filled(value: unknown, values: readonly unknown[]): unknown {
    this.#next = 0;
    const result = this.#fill(value, values);
    return result === absent ? undefined : result;
  }

  #fill(value: unknown, values: readonly unknown[]): unknown {
    const inner = (each: unknown): unknown => this.#fill(each, values);
    if (value instanceof Future) return values[this.#next++];
    if (value instanceof Map) return new Map(present([...value], inner));
    if (value instanceof Set) return new Set(this.#listOf(value).map(inner).filter(isPresent));
    if (isRecord(value)) return Object.fromEntries(present(Object.entries(value), inner));
    if (isIterable(value)) return this.#listOf(value).map(inner).filter(isPresent);
    return value;
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

function present<K>(
  entries: readonly (readonly [K, unknown])[],
  fill: (value: unknown) => unknown,
): [K, unknown][] {
  return entries
    .map(([key, value]): [K, unknown] => [key, fill(value)])
    .filter(([, value]) => isPresent(value));
}

function isPresent(value: unknown): boolean {
  return value !== absent;
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
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

function tooDeep(): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `client.gather: the containers are a cycle, or more than ${depthMax} levels deep`,
    fix: "gather a part of them",
  });
}
