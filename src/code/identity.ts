import { present } from "../base/assert.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";
import { type Graph, type GraphNode, referencesOf, type Slot } from "./graph.ts";
import { serialOf } from "./serials.ts";

/** Changes when the meaning of an identity does, so that no old result is taken for a new one. */
const identityVersion = 1;

/** Says what `root` does: equal for equal code, imports and captured values, however it was written and wherever. */
export function identityOf(graph: Graph, root: Slot): ContentName {
  const order = new Map<number, number>();
  const queue: number[] = [];
  const parts: string[] = [String(identityVersion)];
  const numbered = (node: number): number => {
    let number = order.get(node);
    if (number === undefined) {
      number = order.size;
      order.set(node, number);
      queue.push(node);
    }
    return number;
  };
  const replace = (key: string, value: unknown): unknown => {
    if ((key === "ref" || key === "prototypeOf") && typeof value === "number")
      return numbered(value);
    return value;
  };
  parts.push(JSON.stringify(root, replace));
  for (let i = 0; i < queue.length; i++) {
    const node = present(graph.nodes[present(queue[i], "a queued node")], "a node of the graph");
    parts.push(JSON.stringify(essence(node), replace));
  }
  return nameOfBytes(parts.join("\n"));
}

/** A node without what depends on where it was written: module text, name given by a tool, identities below. */
function essence(node: GraphNode): unknown {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others depend on no place
  switch (node.kind) {
    case "function": {
      const { module: _module, name: _name, sharedAs: _sharedAs, ...rest } = node;
      return rest;
    }
    case "import": {
      const { identity } = node;
      return { kind: "import", identity };
    }
    case "per-worker":
    case "recreated": {
      const { kind, maker } = node;
      return { kind, maker };
    }
    default:
      return node;
  }
}

/**
 * Names every class and per-worker handle of the graph, whose objects are `objects`, for tasks to share it: by what it
 * is now, and by which one it is of those that look alike.
 */
export function nameShared(graph: Graph, objects: readonly object[]): void {
  const prototypes = new Set<number>();
  for (const node of graph.nodes) {
    if (node.kind !== "function") collectPrototypes(node, prototypes);
  }
  graph.nodes.forEach((node, id) => {
    const shared =
      node.kind === "per-worker" ||
      node.kind === "recreated" ||
      (node.kind === "function" && (node.isClass || prototypes.has(id)));
    const object = shared && objects[id];
    if (object) node.sharedAs = `${identityOf(graph, { ref: id })}/${serialOf(object)}`;
  });
}

/** An old-style constructor is a class when an object's prototype is its own. */
function collectPrototypes(node: GraphNode, found: Set<number>): void {
  if (!("prototype" in node)) return;
  const { prototype } = node;
  if (typeof prototype !== "object" || prototype === null || !("prototypeOf" in prototype)) return;
  found.add(prototype.prototypeOf);
}

/** The nodes that `root` reaches, itself included, in an order that equal graphs share. */
export function reachedFrom(nodes: readonly GraphNode[], root: number): number[] {
  const seen = new Set([root]);
  for (const id of seen) {
    const node = nodes[id];
    if (node) referencesOf(node, (next) => seen.add(next));
  }
  return [...seen];
}
