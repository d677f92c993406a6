import type { GraphNode } from "./graph.ts";
import { reachedFrom } from "./identity.ts";
import { isObject } from "./reflection.ts";
import { noteSerial } from "./serials.ts";

/** Beyond this the oldest is forgotten; it would be built again. */
const sharedMax = 10_000;

/**
 * Classes and per-worker handles that this worker has built, with all they reach. Two tasks that carry the same class
 * get the same object, so `instanceof` holds between them and a connection is made once.
 */
export class SharedNodes {
  readonly #built = new Map<string, readonly unknown[]>();

  /** Calls `use` with every node of a graph that is there already. */
  take(nodes: readonly GraphNode[], use: (id: number, value: unknown) => void): void {
    const used = new Set<number>();
    for (const [id, name] of sharedNames(nodes)) {
      const values = this.#built.get(name);
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
    for (const [id, name] of sharedNames(nodes)) {
      if (this.#built.has(name)) continue;
      const value = values[id];
      // So that what a task sends on is shared with what its program sends.
      if (isObject(value)) noteSerial(value, name.slice(name.indexOf("/") + 1));
      this.#built.set(
        name,
        reachedFrom(nodes, id).map((reached) => values[reached]),
      );
      const [oldest] = this.#built.keys();
      if (this.#built.size > sharedMax && oldest !== undefined) this.#built.delete(oldest);
    }
  }
}

function sharedNames(nodes: readonly GraphNode[]): [number, string][] {
  const found: [number, string][] = [];
  nodes.forEach((node, id) => {
    if ("sharedAs" in node && node.sharedAs) found.push([id, node.sharedAs]);
  });
  return found;
}
