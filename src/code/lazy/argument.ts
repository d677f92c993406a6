import { LambdaskError } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { captureHere } from "./capture-here.ts";
import { type LazyArgument, nodeKey, nodeOf } from "./node.ts";

const lazyKey = Symbol.for("lambdask.lazy");
const depthMax = 200;

/**
 * `value` as an argument of delayed work: lists, records, Maps and Sets are searched for lazies and functions, and
 * everything else must be data. With `traverse: false` only the value itself is looked at.
 */
export function argumentOf(
  value: unknown,
  options: { readonly where: string; readonly traverse?: boolean },
): LazyArgument {
  if (!isObject(value)) return { kind: "data", value };
  return (
    leaf(value, options.where) ??
    (options.traverse !== false && holdsLazies(value, isFunction)
      ? container(value, options.where)
      : { kind: "bytes", bytes: encodeValue(value, options.where) })
  );
}

/** True if there is a lazy value, or something else that `also` tells, in the plain containers of `value`. */
export function holdsLazies(value: unknown, also: (value: object) => boolean = never): boolean {
  return search(value, (item) => nodeKey in item || lazyKey in item || also(item), 0);
}

function never(): boolean {
  return false;
}

function search(value: unknown, hit: (value: object) => boolean, depth: number): boolean {
  if (!isObject(value)) return false;
  if (hit(value)) return true;
  if (depth > depthMax) throw tooDeep();
  const inner = (item: unknown): boolean => search(item, hit, depth + 1);
  if (Array.isArray(value)) return value.some(inner);
  if (value instanceof Map) return [...value].some(([key, item]) => inner(key) || inner(item));
  if (value instanceof Set) return [...value].some(inner);
  return isRecord(value) && Object.values(value).some(inner);
}

function leaf(value: object, where: string): LazyArgument | undefined {
  const node = nodeOf(value);
  if (node) return node.action.kind === "value" ? (node.arguments[0] ?? node) : node;
  if (lazyKey in value) return { kind: "lazy", lazy: value };
  if (typeof value !== "function") return undefined;
  return { kind: "function", function: captureHere(value, where) };
}

function container(value: object, where: string): LazyArgument {
  const inner = (item: unknown): LazyArgument => argumentOf(item, { where });
  if (Array.isArray(value)) return { kind: "list", items: value.map(inner) };
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

function tooDeep(): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `a value nests deeper than ${depthMax} levels, or contains itself`,
    fix: "flatten it, or pass a part of it",
  });
}
