import { isLambdaskError, LambdaskError } from "../../base/errors.ts";
import { type Container, plainContainer, rebuildNested } from "../../base/nested.ts";
import { refusalReason } from "../../chunk/refusal-reason.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { captureHere } from "./capture-here.ts";
import { containerArgument } from "./container.ts";
import { holdersIn, holds } from "./holders.ts";
import { type LazyArgument, nodeKey, nodeOf, wrappedArgument } from "./node.ts";

const lazyKey = Symbol.for("lambdask.lazy");

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
  const found = leaf(value, where);
  if (found) return found;
  if (options.traverse === false) return { kind: "bytes", bytes: untraversed(value, where) };
  return holdsLazies(value, isFunction)
    ? container(value, where)
    : { kind: "bytes", bytes: encodeValue(value, where) };
}

/** The bytes of what is not searched for lazies. */
function untraversed(value: object, where: string): Uint8Array {
  try {
    return encodeValue(value, where);
  } catch (error) {
    const isNoData = isLambdaskError(error, "NOT_DATA");
    if (!isNoData || !holdsLazies(value, isFunction)) throw error;
    throw new LambdaskError("NOT_DATA", {
      message: `not plain data: ${refusalReason(value, where)}`,
      fix: "leave out traverse: false, so that lazies and functions in arguments are found",
      data: { where },
    });
  }
}

/** Only asked for values that may be refused: it must not cost calls with plain arguments anything. */
function placeOf({ where, argument, item }: ArgumentOptions): string {
  if (argument !== undefined) return `${where}: argument ${argument + 1}`;
  return item === undefined ? where : `${where}: item ${item}`;
}

/** True if there is a lazy value, or something else that `also` tells, in the plain containers of `value`. */
export function holdsLazies(value: unknown, also: (value: object) => boolean = never): boolean {
  return holds(value, (item) => isLazy(item) || also(item));
}

function isLazy(value: object): boolean {
  return nodeKey in value || lazyKey in value;
}

function never(): boolean {
  return false;
}

function leaf(value: object, where: string): LazyArgument | undefined {
  const node = nodeOf(value);
  if (node) return wrappedArgument(node) ?? node;
  if (lazyKey in value) return { kind: "lazy", lazy: value };
  if (typeof value !== "function") return undefined;
  return { kind: "function", function: captureHere(value, where) };
}

function container(value: object, where: string): LazyArgument {
  const holders = holdersIn(value, (item) => isLazy(item) || isFunction(item));
  const argument = rebuildNested(value, {
    open: (item) => {
      if (!isObject(item)) return { value: argumentOf(item, { where }) };
      const found = leaf(item, where);
      if (found) return { value: found };
      const opened = holders.has(item) ? argumentContainer(item) : undefined;
      return opened ?? { value: { kind: "bytes", bytes: encodeValue(item, where) } };
    },
    cycle: () => inCycle(where),
  });
  return argument as LazyArgument; // What `open` gives, and what the containers make.
}

/** `value` as it is opened; made again it is an argument, of arguments. */
function argumentContainer(value: object): Container | undefined {
  const opened = plainContainer(value);
  if (opened === undefined) return undefined;
  const make = (all: readonly unknown[]): LazyArgument => {
    const items = all as readonly LazyArgument[];
    if (Array.isArray(value)) return containerArgument({ kind: "list", items });
    if (value instanceof Set) return containerArgument({ kind: "set", items });
    if (!(value instanceof Map)) {
      return containerArgument({ kind: "record", keys: Object.keys(value), items });
    }
    const { size } = value;
    return containerArgument({ kind: "map", keys: items.slice(0, size), items: items.slice(size) });
  };
  return { items: opened.items, make };
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isFunction(value: object): boolean {
  return typeof value === "function";
}

function inCycle(where: string): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: `not plain data: ${where}: it has lazies or functions in a cycle`,
    fix: "pass a part of it, without the reference back",
  });
}
