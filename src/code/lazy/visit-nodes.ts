import { unreachable } from "../../base/assert.ts";
import type { LazyArgument, LazyNode } from "./node.ts";

/**
 * Calls `visit` once for every node that `roots` reach, arguments before the nodes that use them. Without recursion
 * over nodes: chains may be as long as memory.
 */
export function visitNodes(roots: Iterable<LazyNode>, visit: (node: LazyNode) => void): void {
  const seen = new Set<LazyNode>();
  const open: (LazyNode | { readonly leave: LazyNode })[] = [];
  for (const root of roots) {
    open.push(root);
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      if ("leave" in item) visit(item.leave);
      else if (!seen.has(item)) {
        seen.add(item);
        open.push({ leave: item });
        // Pushed in reverse, so that the first argument is visited first.
        const found: LazyNode[] = [];
        for (const argument of item.arguments) collectNodes(argument, found);
        for (let i = found.length - 1; i >= 0; i--) {
          const node = found[i];
          if (node && !seen.has(node)) open.push(node);
        }
      }
    }
  }
}

/** Adds the nodes right inside `argument` to `found`, in order. */
export function collectNodes(argument: LazyArgument, found: LazyNode[]): void {
  switch (argument.kind) {
    case "node":
      found.push(argument);
      return;
    case "data":
    case "bytes":
    case "function":
    case "lazy":
      return;
    case "list":
    case "record":
    case "set":
      for (const item of argument.items) collectNodes(item, found);
      return;
    case "map":
      for (const key of argument.keys) collectNodes(key, found);
      for (const item of argument.items) collectNodes(item, found);
      return;
    default:
      unreachable(argument);
  }
}
