import { emitImport } from "./emit.ts";
import type { ImportNode } from "./graph.ts";
import type { ImportedThing } from "./import-index.ts";
import { importTarget } from "./import-target.ts";
import type { WalkContext } from "./walk-context.ts";

/** The node for something that the worker imports again. */
export function importNode(walk: WalkContext, { binding, url, path }: ImportedThing): ImportNode {
  const { specifier, identity } = importTarget(binding, url);
  const module = walk.module(emitImport(specifier, binding, url));
  return { kind: "import", module, identity: `${identity}#${path.join(".") || "*"}`, path };
}
