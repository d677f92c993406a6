import { LambdaskError } from "../base/errors.ts";
import { plainContainer, rebuildNested } from "../base/nested.ts";
import type { LazyArgument, LazyNode } from "../code/lazy/node.ts";
import { nodeOf } from "../code/lazy/node.ts";
import { forEachLeaf, visitNodes } from "../code/lazy/visit-nodes.ts";
import { Future } from "./future.ts";

/**
 * The futures inside `values`, each once, in order: in lists, records, Maps and Sets at any depth, and among what
 * delayed calls take.
 * @example
 * ```ts
 * const [one, two] = client.map((n: number) => n, [1, 2]);
 * const sum = delayed((a: number, b: number) => a + b)(one ?? 0, two ?? 0);
 * console.log(futuresOf({ one, rest: [sum] }).length); // → 2
 * ```
 */
export function futuresOf(...values: readonly unknown[]): Future<unknown>[] {
  const found = new Set<Future<unknown>>();
  const seen = new Set<LazyNode>();
  rebuildNested(values, {
    open: (value) => {
      if (value instanceof Future) found.add(value);
      else if (!collectOfNode(value, found, seen)) {
        const items = plainContainer(value)?.items ?? [];
        return { items, make: () => undefined };
      }
      return { value: undefined };
    },
    cycle: inCycle,
  });
  return [...found];
}

/** True if `value` is delayed: then the futures among its arguments were collected. */
function collectOfNode(value: unknown, found: Set<Future<unknown>>, seen: Set<LazyNode>): boolean {
  const root = nodeOf(value);
  if (root === undefined) return false;
  const take = (leaf: LazyArgument): void => {
    if (leaf.kind === "lazy" && leaf.lazy instanceof Future) found.add(leaf.lazy);
  };
  const visit = (node: LazyNode): void => {
    seen.add(node);
    for (const argument of node.arguments) forEachLeaf(argument, take);
  };
  visitNodes([root], visit, { isDone: (node) => seen.has(node) });
  return true;
}

function inCycle(): LambdaskError {
  return new LambdaskError("NOT_DATA", {
    message: "futuresOf: a list, record, Map or Set lies in itself",
    fix: "pass a part of it, without the reference back",
  });
}
