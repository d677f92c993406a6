import { arrivedImport } from "./arrived.ts";
import { urlInProgram } from "./bundle/bundle-format.ts";
import { entryImport } from "./captured-variables.ts";
import { emitImport } from "./emit.ts";
import { codeMarker, withoutQuery } from "./file-origin.ts";
import type { ImportNode } from "./graph.ts";
import { importTarget } from "./import-target.ts";
import type { ImportedThing } from "./imported-thing.ts";
import type { Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

/** The node for something that came with a task as an import. */
export function arrivedNode(walk: WalkContext, value: object): ImportNode | undefined {
  const arrived = arrivedImport(value);
  if (arrived) walk.module(arrived.code);
  return arrived?.node;
}

/** The node for something that the worker imports again. */
export function importNode(
  walk: WalkContext,
  { binding, url, path }: ImportedThing,
  trail: Trail,
): ImportNode {
  const { specifier, identity, runsEntry } = importTarget(binding, url);
  if (runsEntry) walk.refuse(trail, entryImport);
  const module = walk.module(
    emitImport(
      specifier,
      binding,
      urlInProgram(url.includes(codeMarker) ? withoutQuery(url) : url),
    ),
  );
  return { kind: "import", module, identity: `${identity}#${path.join(".") || "*"}`, path };
}
