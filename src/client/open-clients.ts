import type { Engine } from "./engine.ts";
import { isVisible } from "./hook-scope.ts";

/** A client that is open, and what it runs work with. */
interface OpenClient {
  readonly engine: Engine;
  readonly client: object;
}

/** The newest last. */
const open: OpenClient[] = [];

/** Makes `engine`, which `client` runs work with, the one that `compute` uses; the returned function takes that back. */
export function enter(engine: Engine, client: object): () => void {
  const entry = { engine, client };
  open.push(entry);
  return () => {
    const at = open.indexOf(entry);
    if (at >= 0) open.splice(at, 1);
  };
}

/** The newest open client that is set up, or that the hook which asks sets up. */
export function newestClient(): OpenClient | undefined {
  return open.findLast(({ client }) => isVisible(client));
}
