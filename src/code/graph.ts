import { LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import type { BuiltInPath } from "./built-in-path.ts";
import { mismatch } from "./mismatch.ts";

/** A value in its place: a primitive as it is, or what stands for it. */
export type Slot =
  | null
  | boolean
  | string
  /** Finite and not -0. */
  | number
  /** Another node of the graph. */
  | { readonly ref: number }
  /** The `prototype` of the function that is that node. */
  | { readonly prototypeOf: number }
  | { readonly undefined: 1 }
  /** `NaN`, `Infinity`, `-Infinity` or `-0`. */
  | { readonly number: string }
  | { readonly bigint: string }
  /** `Symbol.for(…)`. */
  | { readonly symbol: string }
  /** `Symbol.iterator` and its like. */
  | { readonly wellKnown: string }
  /** A long string, stored apart. */
  | { readonly blob: ContentName; readonly encoding: "utf8" | "utf16le" }
  /** No element at this index of an array. */
  | { readonly hole: 1 };

/** A property's key, then its value if it is an ordinary one, or its attributes as well. */
export type PropertySlot =
  | readonly [key: Slot, value: Slot]
  | readonly [key: Slot, value: Slot, flags: number]
  | readonly [key: Slot, get: Slot, set: Slot, flags: number];

/** Bits of a property's attributes. */
export const propertyFlags = { enumerable: 1, configurable: 2, writable: 4 } as const;

/** A variable of a function's environment. */
export type Binding = readonly [name: string, value: Slot];

/** A function or class of the user's, by its code module. */
export interface FunctionNode {
  readonly kind: "function";
  /** Content name of the code module. */
  readonly module: ContentName;
  /** What the code does, whatever its text looks like. */
  readonly code: ContentName;
  readonly isClass?: true;
  /** Code of the class itself runs while it is defined, and may use the whole environment. */
  readonly runsAtOnce?: true;
  /** Only for classes: by this the tasks of a worker share it. */
  sharedAs?: string;
  /** Its name, if the text does not give it. */
  readonly name?: string;
  /** Variables that must be there when the class is defined. */
  definition?: readonly Binding[];
  environment?: readonly Binding[];
  properties?: readonly PropertySlot[];
  /** What it inherits from, if that is neither the usual thing nor its base class. */
  inherits?: Slot;
  /** Properties that were added to its `prototype`, or replaced there. */
  prototypeOwn?: readonly PropertySlot[];
  /** Private static fields of a class, by their names with #. */
  privates?: readonly Binding[];
  integrity?: Integrity;
}

/** Something that a module exports: the module's namespace, then names below it. */
export interface ImportNode {
  readonly kind: "import";
  readonly module: ContentName;
  /** Package and version, built-in name, or hash of a local module's text. */
  readonly identity: string;
  readonly path: readonly string[];
}

/** What cannot be done to an object any more. */
export type Integrity = "frozen" | "sealed" | "closed";

/** What an object's own state is besides its properties. */
export interface ObjectExtras {
  /** Own properties that the kind does not imply. */
  properties?: readonly PropertySlot[];
  /** Absent for the kind's usual prototype. */
  prototype?: Slot;
  integrity?: Integrity;
}

/** Where bytes are: in the node, or stored apart. */
export type BytesSlot = { readonly base64: string } | { readonly blob: ContentName };

/** One object of the graph. */
export type GraphNode =
  | FunctionNode
  | ImportNode
  | { readonly kind: "built-in"; readonly path: BuiltInPath }
  | {
      readonly kind: "bound";
      target: Slot;
      self: Slot;
      arguments: readonly Slot[];
      properties?: readonly PropertySlot[];
      integrity?: Integrity;
    }
  | { readonly kind: "per-worker"; maker: Slot; sharedAs?: string }
  /** Read in the worker from its environment; only the variable's name travels. */
  | { readonly kind: "secret"; readonly name: string }
  /** An instance as its class packs it. */
  | { readonly kind: "packed"; maker: Slot; data: Slot }
  /** Made anew in the worker by what made it here. */
  | { readonly kind: "recreated"; maker: Slot; sharedAs?: string }
  | ({ readonly kind: "object" } & ObjectExtras)
  | ({ readonly kind: "array"; readonly length: number; items?: readonly Slot[] } & ObjectExtras)
  /** Numbers only: packed 64-bit floats. */
  | { readonly kind: "numbers"; readonly bytes: BytesSlot }
  /** Strings, numbers, booleans and nulls only: JSON. */
  | { readonly kind: "primitives"; readonly bytes: BytesSlot }
  | ({ readonly kind: "map"; entries?: readonly Slot[] } & ObjectExtras)
  | ({ readonly kind: "set"; entries?: readonly Slot[] } & ObjectExtras)
  | ({ readonly kind: "date"; readonly time: Slot } & ObjectExtras)
  | ({
      readonly kind: "regexp";
      readonly source: string;
      readonly flags: string;
      readonly lastIndex: number;
    } & ObjectExtras)
  | ({ readonly kind: "error"; readonly stack: string } & ObjectExtras)
  | ({ readonly kind: "boxed"; readonly value: Slot } & ObjectExtras)
  | { readonly kind: "url"; readonly href: string }
  | { readonly kind: "url-search"; readonly query: string }
  | { readonly kind: "buffer"; readonly bytes: BytesSlot }
  | {
      readonly kind: "view";
      readonly type: string;
      buffer: Slot;
      readonly offset: number;
      readonly length: number;
    };

/** A function and everything it reaches. */
export interface Graph {
  readonly root: Slot;
  readonly nodes: readonly GraphNode[];
}

const version = 1;
const nodesMax = 5_000_000;

/** The bytes of `graph`. */
export function encodeGraph(graph: Graph): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([version, graph.root, graph.nodes]));
}

/** The graph in `bytes`; MISMATCH if they hold none of this version. */
export function decodeGraph(bytes: Uint8Array): Graph {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw mismatch("the bytes of a function's graph are damaged", cause);
  }
  if (!Array.isArray(parsed) || parsed[0] !== version || !Array.isArray(parsed[2])) {
    throw mismatch("the function was captured by another version of lambdask");
  }
  const nodes = parsed[2] as GraphNode[];
  if (nodes.length > nodesMax) {
    throw new LambdaskError("LIMIT", {
      message: `a function's graph has ${nodes.length} objects, at most ${nodesMax} are allowed`,
    });
  }
  return { root: parsed[1] as Slot, nodes };
}

/** Calls `visit` with every node number that `node` names, in a fixed order. */
export function referencesOf(node: GraphNode, visit: (node: number) => void): void {
  const open: unknown[] = [node];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item !== "object" || item === null) continue;
    if (Array.isArray(item)) {
      for (let i = item.length - 1; i >= 0; i--) open.push(item[i]);
    } else if ("ref" in item && typeof item.ref === "number") visit(item.ref);
    else if ("prototypeOf" in item && typeof item.prototypeOf === "number") visit(item.prototypeOf);
    else if ("kind" in item) {
      const values = Object.values(item);
      for (let i = values.length - 1; i >= 0; i--) open.push(values[i]);
    }
  }
}
