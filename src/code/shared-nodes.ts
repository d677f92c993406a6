import type { ContentName } from "../base/ids.ts";
import type { GraphNode } from "./graph.ts";
import { reachedFrom } from "./identity.ts";

/** Beyond this the oldest is forgotten; it would be built again. */
const sharedMax = 10_000;

/**
 * Classes and per-worker handles that this worker has built, with all they reach. Two tasks that carry the same class
 * get the same object, so `instanceof` holds between them and a connection is made once.
 */
export class SharedNodes {
  readonly #built = new Map<ContentName, readonly unknown[]>();

  /** Calls `use` with every node of a graph that is there already. */
  take(nodes: readonly GraphNode[], use: (id: number, value: unknown) => void): void {
    const used = new Set<number>();
    for (const [id, identity] of identities(nodes)) {
      const values = this.#built.get(identity);
      if (!values || used.has(id)) continue;
      reachedFrom(nodes, id).forEach((reached, i) => {
        if (used.has(reached)) return;
        used.add(reached);
        use(reached, values[i]);
      });
    }
  }

  /** Remembers what was built of a graph. */
  keep(nodes: readonly GraphNode[], values: readonly unknown[]): void {
    for (const [id, identity] of identities(nodes)) {
      if (this.#built.has(identity)) continue;
      this.#built.set(
        identity,
        reachedFrom(nodes, id).map((reached) => values[reached]),
      );
      const [oldest] = this.#built.keys();
      if (this.#built.size > sharedMax && oldest !== undefined) this.#built.delete(oldest);
    }
  }
}

function identities(nodes: readonly GraphNode[]): [number, ContentName][] {
  const found: [number, ContentName][] = [];
  nodes.forEach((node, id) => {
    const identity = "identity" in node && node.kind !== "import" ? node.identity : undefined;
    if (identity !== undefined) found.push([id, identity]);
  });
  return found;
}
