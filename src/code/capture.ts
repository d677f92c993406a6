import type { ShippedFunction } from "../backend/shipped-function.ts";
import { badArgument } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { encodeGraph, type Graph } from "./graph.ts";
import { identityOf, nameShared } from "./identity.ts";
import { functionName } from "./reflection.ts";
import { blobBytesMin, Walk } from "./walk.ts";

/** What a capture is for. */
export interface CaptureOptions {
  /** The call that captures, for messages: `bag.map`. */
  readonly where?: string;
  /**
   * Objects that a package has made for a constant of a module, such as a schema, and that cannot be copied, are made
   * anew in each worker by the constant's initialiser. What happened to them since is lost.
   */
  readonly recreate?: boolean;
}

// biome-ignore lint/complexity/noBannedTypes: any function at all may be captured, whatever it takes.
type AnyFunction = Function;

/** The bytes of captured data that were too large for the graph, as long as the captured function is in use. */
const blobs = new WeakMap<ShippedFunction, ReadonlyMap<ContentName, Uint8Array>>();

/** Functions that capture nothing: capturing them again gives the same. */
const unchanging = new WeakMap<AnyFunction, { shipped: ShippedFunction; ownKeys: number }>();

/**
 * `fn` as data: its code, and everything it uses, as it is now. Synchronous, and runs none of the user's code. Throws
 * CANNOT_SHIP, with the path of the variable, where it is used, and what to do, if a worker could not have the same.
 */
export function capture(fn: AnyFunction, options: CaptureOptions = {}): ShippedFunction {
  const { where = "capture", recreate = false } = options;
  if (typeof fn !== "function") throw badArgument(where, "a function", fn);
  const known = unchanging.get(fn);
  if (known && Reflect.ownKeys(fn).length === known.ownKeys) return known.shipped;
  const walk = new Walk({ where, recreate });
  const graph = walk.run(fn, {
    parent: undefined,
    label: functionName(fn) || "the function",
    step: "",
  });
  nameShared(graph);
  const id = identityOf(graph, graph.root);
  const encoded = encodeGraph(graph);
  const shipped: ShippedFunction = {
    id,
    name: functionName(fn),
    definedAt: walk.definedAt || whatItIs(graph),
    graph: encoded.byteLength < blobBytesMin ? encoded : encodeGraph(stored(walk, encoded)),
    modules: [...walk.modules.values()],
    blobs: [...walk.blobs.keys()],
    capturedBytes: walk.capturedBytes,
  };
  blobs.set(shipped, walk.blobs);
  if (capturesNothing(graph)) {
    unchanging.set(fn, { shipped, ownKeys: Reflect.ownKeys(fn).length });
  }
  return shipped;
}

/** The captured data of `shipped` that travels apart, by content name. */
export function blobsOf(shipped: ShippedFunction): ReadonlyMap<ContentName, Uint8Array> {
  return blobs.get(shipped) ?? new Map();
}

/** A large graph is stored like other large data; what travels with each task names it. */
function stored(walk: Walk, encoded: Uint8Array): Graph {
  return { root: { blob: walk.blob(encoded), encoding: "utf8" }, nodes: [] };
}

/** Functions that are not written in the program have no line and column there. */
function whatItIs({ nodes: [first] }: Graph): string {
  return first?.kind === "import" ? first.identity : "built in";
}

function capturesNothing({ nodes }: Graph): boolean {
  const [only] = nodes;
  if (nodes.length !== 1 || !only) return false;
  if (only.kind === "built-in" || only.kind === "import") return true;
  return only.kind === "function" && !only.isClass && !only.environment && !only.own;
}
