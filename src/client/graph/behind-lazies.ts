import type { LazyNode } from "../../code/lazy/node.ts";
import { forEachLeaf, visitNodes } from "../../code/lazy/visit-nodes.ts";
import { type LazyWork, lazyParts, worksOf } from "../collection.ts";
import { keptNodes } from "./kept-nodes.ts";
import { lateNodes } from "./late-nodes.ts";

/** What calls take that is no data. */
export interface GraphSurroundings {
  /** Calls whose results are kept: the graph ends there. */
  readonly kept: ReadonlyMap<LazyNode, LazyWork>;
  /** By collection of another kind, the calls that it is made of or waits for: they belong to the same graph. */
  readonly behind: ReadonlyMap<object, readonly LazyNode[]>;
}

/** What is around the graph that `targets` reach, also through collections of other kinds. */
export function surroundings(targets: readonly LazyNode[]): GraphSurroundings {
  const kept = new Map(keptNodes(targets));
  const behind = new Map<object, readonly LazyNode[]>();
  const seen = new Set<LazyNode>();
  const lazies = new Set<object>();
  let roots: readonly LazyNode[] = targets;
  // Without a call behind any collection there is nothing to find, and a large graph need not be walked for it.
  while (roots.length > 0 && lateNodes.areThere()) {
    const found = newLazies(roots, { kept, seen, lazies });
    const works = worksOf(found.map((lazy) => lazyParts(lazy, "an argument of delayed work")));
    const next: LazyNode[] = [];
    for (const [i, work] of works.entries()) {
      const nodes = lateNodes.of(work);
      if (nodes.length > 0) behind.set(found[i] ?? {}, nodes);
      next.push(...nodes);
    }
    for (const [node, work] of keptNodes(next)) kept.set(node, work);
    roots = next;
  }
  return { kept, behind };
}

interface Walk {
  readonly kept: ReadonlyMap<LazyNode, unknown>;
  readonly seen: Set<LazyNode>;
  readonly lazies: Set<object>;
}

/** Collections that nodes below `roots` take and that were not met before. */
function newLazies(roots: readonly LazyNode[], { kept, seen, lazies }: Walk): object[] {
  const before = lazies.size;
  const visit = (node: LazyNode): void => {
    seen.add(node);
    for (const argument of node.arguments) {
      forEachLeaf(argument, (leaf) => {
        if (leaf.kind === "lazy") lazies.add(leaf.lazy);
      });
    }
  };
  visitNodes(roots, visit, { isDone: (node) => seen.has(node) || kept.has(node) });
  return [...lazies].slice(before);
}

/** The calls behind the collections that `node` takes. */
export function nodesBehind(node: LazyNode, behind: GraphSurroundings["behind"]): LazyNode[] {
  const found: LazyNode[] = [];
  for (const argument of node.arguments) {
    forEachLeaf(argument, (leaf) => {
      if (leaf.kind === "lazy") found.push(...(behind.get(leaf.lazy) ?? []));
    });
  }
  return found;
}
