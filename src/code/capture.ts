import type { ShippedFunction } from "../backend/shipped-function.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { isUnbound } from "./capture-function.ts";
import { encodeGraph, type Graph } from "./graph.ts";
import { identityOf } from "./identity.ts";
import { isRecreated } from "./recreate.ts";
import { functionName, isObject, ownValue } from "./reflection.ts";
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
const unchanging = new WeakMap<AnyFunction, { shipped: ShippedFunction; shape: string }>();

/**
 * `fn` as data: its code, and everything it uses, as it is now. Synchronous, and runs none of the user's code. Throws
 * CANNOT_SHIP, with the path of the variable, where it is used, and what to do, if a worker could not have the same.
 */
export function capture(fn: AnyFunction, options: CaptureOptions = {}): ShippedFunction {
  const { where = "capture", recreate = false } = options;
  if (typeof fn !== "function") throw badArgument(where, "a function", fn);
  const known = unchanging.get(fn);
  if (known && known.shape === shapeOf(fn)) return known.shipped;
  const walk = new Walk({ where, recreate: recreate || isRecreated(fn) });
  const trail = { parent: undefined, label: functionName(fn) || "the function", step: "" };
  const { graph, id, encoded } = withinLimits(where, () => {
    const found = walk.run(fn, trail);
    return { graph: found, id: identityOf(found, found.root), encoded: encodeGraph(found) };
  });
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
  if (capturesNothing(fn, graph)) unchanging.set(fn, { shipped, shape: shapeOf(fn) });
  return shipped;
}

/** Strings have a longest length, which only data can reach. */
function withinLimits<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError && /string length/.test(error.message))) throw error;
    throw new LambdaskError("LIMIT", {
      message: `${where}: the function captures more data than fits into one string`,
      fix: "make a collection of the data, or write it to a file that the function reads",
      cause: error,
    });
  }
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

function capturesNothing(fn: AnyFunction, { nodes }: Graph): boolean {
  const [only] = nodes;
  if (nodes.length !== 1 || !only) return false;
  if (only.kind === "built-in" || only.kind === "import") return true;
  if (only.kind !== "function" || !isUnbound(fn)) return false;
  return !only.properties && !only.prototypeOwn && !only.integrity;
}

/** Differs when something was put on the function or on its prototype. */
function shapeOf(fn: AnyFunction): string {
  const prototype = ownValue(fn, "prototype");
  const inherited = isObject(prototype) ? Reflect.ownKeys(prototype).length : 0;
  return [Reflect.ownKeys(fn).length, inherited, Object.isExtensible(fn), functionName(fn)].join();
}
