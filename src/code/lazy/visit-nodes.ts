import type { LazyArgument, LazyNode } from "./node.ts";

/** How a graph is walked. */
export interface VisitOptions {
  /** Tells nodes that are left out, and so is what only they reach. */
  isDone?(node: LazyNode): boolean;
  /** Nodes that come before `node` and are not in its arguments. */
  more?(node: LazyNode): readonly LazyNode[];
}

/**
 * Calls `visit` once for every node that `roots` reach, arguments before the nodes that use them. Without recursion
 * over nodes: chains may be as long as memory.
 */
export function visitNodes(
  roots: Iterable<LazyNode>,
  visit: (node: LazyNode) => void,
  { isDone = never, more }: VisitOptions = {},
): void {
  const seen = new Set<LazyNode>();
  const open: (LazyNode | { readonly leave: LazyNode })[] = [];
  for (const root of roots) {
    open.push(root);
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      if ("leave" in item) visit(item.leave);
      else if (!seen.has(item) && !isDone(item)) {
        seen.add(item);
        open.push({ leave: item });
        // Pushed in reverse, so that the first argument is visited first.
        const found: LazyNode[] = [];
        for (const argument of item.arguments) collectNodes(argument, found);
        if (more) found.push(...more(item));
        for (let i = found.length - 1; i >= 0; i--) {
          const node = found[i];
          if (node && !seen.has(node)) open.push(node);
        }
      }
    }
  }
}

function never(): boolean {
  return false;
}

/** Adds the nodes right inside `argument` to `found`, in order. */
export function collectNodes(argument: LazyArgument, found: LazyNode[]): void {
  // The common case first: this runs for every argument of every call.
  if (argument.kind === "node") found.push(argument);
  else if ("items" in argument) {
    forEachLeaf(argument, (leaf) => {
      if (leaf.kind === "node") found.push(leaf);
    });
  }
}

/** Calls `visit` with everything in `argument` that is no container, in order. */
export function forEachLeaf(argument: LazyArgument, visit: (leaf: LazyArgument) => void): void {
  if (!("items" in argument)) {
    visit(argument);
    return;
  }
  if (argument.kind === "map") for (const key of argument.keys) forEachLeaf(key, visit);
  for (const item of argument.items) forEachLeaf(item, visit);
}
