import type { ShippedFunction } from "../../backend/shipped-function.ts";

/** Under this property a lazy value shows its node, in the user's program and in workers alike. */
export const nodeKey: unique symbol = Symbol.for("lambdask.node");

/** What a node of a delayed graph does with its arguments. */
export type LazyAction =
  | { readonly kind: "call"; readonly function: ShippedFunction }
  /** Calls the method of its first argument. */
  | { readonly kind: "method"; readonly name: string }
  /** Reads a property of its only argument. */
  | { readonly kind: "attribute"; readonly name: string | number }
  /** Takes a value out of its only argument, which must be a list of `of` values. */
  | { readonly kind: "item"; readonly index: number; readonly of: number }
  /** Gives its only argument. */
  | { readonly kind: "value" };

/** What was asked of the work at a node: `delayed(…, options)` and the `annotate` scopes around the call. */
export interface NodeOptions {
  /** For people; left out: the function's own name. */
  readonly name?: string;
  readonly retries?: number;
  readonly priority?: number;
  readonly memoryBytes?: number;
  readonly timeoutMs?: number;
  /** Of the scope of `span` around it. */
  readonly span?: string;
}

/** One step of delayed work: immutable. Calls are made a million at a time, so there is nothing else in it. */
export interface LazyNode {
  readonly kind: "node";
  readonly action: LazyAction;
  readonly arguments: readonly LazyArgument[];
  /** Shared by the nodes that were made under the same circumstances. */
  readonly options: NodeOptions;
  /** `""` for pure work; else different for each node, so that equal calls all run. */
  readonly nonce: string;
}

/** An argument of a node: data, functions, other nodes, and containers that have some of these inside. */
export type LazyArgument =
  | LazyNode
  /** A primitive. */
  | { readonly kind: "data"; readonly value: unknown }
  /** Any other data, encoded when the call was written: changing it afterwards changes nothing. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "function"; readonly function: ShippedFunction }
  /** A collection of another kind, or a future: only the client can look into it. */
  | { readonly kind: "lazy"; readonly lazy: object }
  | ContainerArgument
  | UnseenArgument;

/** A container that has something inside that is no data. Made by `containerArgument` only. */
export type ContainerArgument = BareContainer & Extent;

/** How far a container goes. */
export interface Extent {
  /** Containers inside one another, this one counted. */
  readonly height: number;
  /** Items in it and in the containers inside. */
  readonly size: number;
}

/** A container as it is given to `containerArgument`. */
export type BareContainer =
  | { readonly kind: "list" | "set"; readonly items: readonly LazyArgument[] }
  | {
      readonly kind: "record";
      readonly keys: readonly string[];
      readonly items: readonly LazyArgument[];
    }
  | {
      readonly kind: "map";
      readonly keys: readonly LazyArgument[];
      readonly items: readonly LazyArgument[];
    };

/** What a call waits for and does not see, and what tells it apart from others that are equal but for that. */
export interface UnseenArgument {
  readonly kind: "unseen";
  readonly salt: string;
  readonly items: readonly LazyArgument[];
}

/** No options. */
export const noOptions: NodeOptions = {};

/** The node behind `value`, if it is a delayed value. */
export function nodeOf(value: unknown): LazyNode | undefined {
  if ((typeof value !== "function" && typeof value !== "object") || value === null)
    return undefined;
  if (!(nodeKey in value)) return undefined;
  return (value as { readonly [nodeKey]: LazyNode })[nodeKey]; // Only lazies have this property.
}

/** A node that only gives its argument. */
export function valueNode(argument: LazyArgument, options: NodeOptions = noOptions): LazyNode {
  return { kind: "node", action: { kind: "value" }, arguments: [argument], options, nonce: "" };
}

/** A node that stands for a collection of another kind. */
export function wrapperOf(lazy: object): LazyNode {
  return valueNode({ kind: "lazy", lazy });
}

/** What a node that only wraps its argument stands for. */
export function wrappedArgument(node: LazyNode): LazyArgument | undefined {
  const { action, arguments: args } = node;
  return action.kind === "value" && args.length === 1 ? args[0] : undefined;
}

/** The collection that a node stands for, if it does. */
export function wrappedLazy(node: LazyNode): object | undefined {
  const wrapped = wrappedArgument(node);
  return wrapped?.kind === "lazy" ? wrapped.lazy : undefined;
}
