import { LambdaskError } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { captureHere } from "./capture-here.ts";
import { type LazyArgument, nodeKey, nodeOf, wrappedArgument } from "./node.ts";

const lazyKey = Symbol.for("lambdask.lazy");
const depthMax = 200;

/** Where a value was given, for messages, and how it is looked at. */
export interface ArgumentOptions {
  /** What it was given to: `client.submit`. */
  readonly where: string;
  /** Its number among arguments, from 0. */
  readonly argument?: number;
  /** Its number among items, from 0. */
  readonly item?: number;
  /** `false`: only the value itself may be a lazy or a function, not what is in it. */
  readonly traverse?: boolean;
}

/**
 * `value` as an argument of delayed work: lists, records, Maps and Sets are searched for lazies and functions, and
 * everything else must be data.
 */
export function argumentOf(value: unknown, options: ArgumentOptions): LazyArgument {
  if (!isObject(value) && typeof value !== "symbol") return { kind: "data", value };
  const where = placeOf(options);
  if (!isObject(value)) return { kind: "bytes", bytes: encodeValue(value, where) };
  return (
    leaf(value, where) ??
    (options.traverse !== false && holdsLazies(value, isFunction)
      ? container(value, { where, depth: 0 })
      : { kind: "bytes", bytes: encodeValue(value, where) })
  );
}

/** Only asked for values that may be refused: it must not cost calls with plain arguments anything. */
function placeOf({ where, argument, item }: ArgumentOptions): string {
  if (argument !== undefined) return `${where}: argument ${argument + 1}`;
  return item === undefined ? where : `${where}: item ${item}`;
}

/** True if there is a lazy value, or something else that `also` tells, in the plain containers of `value`. */
export function holdsLazies(value: unknown, also: (value: object) => boolean = never): boolean {
  const hit = (item: object): boolean => nodeKey in item || lazyKey in item || also(item);
  return search(value, { hit, isTooDeep: false }, 0);
}

function never(): boolean {
  return false;
}

interface Search {
  hit(value: object): boolean;
  /** Given up: a cycle, or no data. */
  isTooDeep: boolean;
}

function search(value: unknown, state: Search, depth: number): boolean {
  if (state.isTooDeep || !isObject(value)) return false;
  if (state.hit(value)) return true;
  if (depth > depthMax) {
    state.isTooDeep = true;
    return false;
  }
  const inner = (item: unknown): boolean => search(item, state, depth + 1);
  if (Array.isArray(value)) return value.some(inner);
  if (value instanceof Map) return [...value].some(([key, item]) => inner(key) || inner(item));
  if (value instanceof Set) return [...value].some(inner);
  return isRecord(value) && Object.values(value).some(inner);
}

function leaf(value: object, where: string): LazyArgument | undefined {
  const node = nodeOf(value);
  if (node) return wrappedArgument(node) ?? node;
  if (lazyKey in value) return { kind: "lazy", lazy: value };
  if (typeof value !== "function") return undefined;
  return { kind: "function", function: captureHere(value, where) };
}

interface Nested {
  readonly where: string;
  readonly depth: number;
}

function container(value: object, { where, depth }: Nested): LazyArgument {
  if (depth > depthMax) throw tooDeep(where);
  const inner = (item: unknown): LazyArgument => {
    if (!isObject(item)) return argumentOf(item, { where });
    const found = leaf(item, where);
    if (found) return found;
    if (holdsLazies(item, isFunction)) return container(item, { where, depth: depth + 1 });
    return { kind: "bytes", bytes: encodeValue(item, where) };
  };
  // Not by map, which leaves holes: they become undefined, as in all data.
  if (Array.isArray(value))
    return { kind: "list", items: Array.from(value, (item) => inner(item)) };
  if (value instanceof Map) {
    return {
      kind: "map",
      keys: [...value.keys()].map(inner),
      items: [...value.values()].map(inner),
    };
  }
  if (value instanceof Set) return { kind: "set", items: [...value].map(inner) };
  return { kind: "record", keys: Object.keys(value), items: Object.values(value).map(inner) };
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isFunction(value: object): boolean {
  return typeof value === "function";
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooDeep(where: string): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `not plain data: ${where}: it has lazies or functions in a cycle, or more than ${depthMax} levels deep`,
    fix: "flatten it, or pass a part of it",
  });
}
