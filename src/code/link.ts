import type { ShippedFunction } from "../backend/shipped-function.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";
import { blobBytes } from "./build-data.ts";
import { GraphBuild } from "./build-graph.ts";
import type { OpenBundle } from "./bundle/open-bundle.ts";
import { loadCode } from "./code-loader.ts";
import { decodeGraph, type Graph } from "./graph.ts";
import { mismatch } from "./mismatch.ts";
import { SharedNodes } from "./shared-nodes.ts";

/** A function of the user's, callable again. */
export type LinkedFunction = (...args: unknown[]) => unknown;

/** Makes captured functions callable, each once. */
export interface Linker {
  /** The function; the same one for the same capture. MISMATCH if code or data are not what was sent. */
  link(shipped: ShippedFunction): Promise<LinkedFunction>;
}

/** Functions kept by one linker, and the captured data that they hold; beyond this the oldest is forgotten. */
const linkedMax = 1000;
const linkedBytesMax = 256 * 1024 * 1024;

/** A linker that reads captured data through `readBlob`. */
export function createLinker(options: {
  readonly readBlob: (hash: ContentName) => Promise<Uint8Array>;
  /** Where code imports from; from the user's own files and packages without it. */
  readonly bundle?: OpenBundle;
}): Linker {
  const shared = new SharedNodes();
  const linked = new Map<string, { made: Promise<LinkedFunction>; bytes: number }>();
  let bytes = 0;
  const forget = (key: string): void => {
    bytes -= linked.get(key)?.bytes ?? 0;
    linked.delete(key);
  };
  return {
    link: (shipped) => {
      // The same function written in two places has one identity, but its stack traces differ.
      const key = `${shipped.id} ${shipped.modules.map((module) => module.hash).join(" ")}`;
      const known = linked.get(key);
      if (known) return known.made;
      const made = linkOne(shipped, { ...options, shared });
      bytes += shipped.capturedBytes;
      linked.set(key, { made, bytes: shipped.capturedBytes });
      made.catch(() => {
        if (linked.get(key)?.made === made) forget(key);
      });
      for (const oldest of linked.keys()) {
        if (linked.size <= linkedMax && (bytes <= linkedBytesMax || oldest === key)) break;
        forget(oldest);
      }
      return made;
    },
  };
}

interface LinkParts {
  readonly bundle?: OpenBundle;
  readonly readBlob: (hash: ContentName) => Promise<Uint8Array>;
  readonly shared: SharedNodes;
}

async function linkOne(shipped: ShippedFunction, parts: LinkParts): Promise<LinkedFunction> {
  const [blobs, modules] = await Promise.all([
    readAll(shipped.blobs, parts.readBlob),
    Promise.all(
      shipped.modules.map(
        async (module): Promise<[ContentName, unknown]> => [
          module.hash,
          await loadCode(module, parts.bundle),
        ],
      ),
    ),
  ]);
  const graph = wholeGraph(decodeGraph(shipped.graph), blobs);
  const build = new GraphBuild(graph, {
    modules: new Map(modules),
    code: shipped.modules,
    blobs,
    shared: parts.shared,
  });
  const fn = build.run(graph.root);
  if (typeof fn !== "function") throw mismatch(`${shipped.name} is no function in the worker`);
  return fn as LinkedFunction;
}

async function readAll(
  hashes: readonly ContentName[],
  readBlob: LinkParts["readBlob"],
): Promise<Map<ContentName, Uint8Array>> {
  const read = hashes.map(async (hash): Promise<[ContentName, Uint8Array]> => {
    const bytes = await readBlob(hash);
    if (nameOfBytes(bytes) !== hash)
      throw mismatch(`the captured data ${hash} is not what was sent`);
    return [hash, bytes];
  });
  return new Map(await Promise.all(read));
}

/** A large graph is itself stored data, and what came with the task only names it. */
function wholeGraph(graph: Graph, blobs: ReadonlyMap<ContentName, Uint8Array>): Graph {
  const { root, nodes } = graph;
  const isStored = nodes.length === 0 && typeof root === "object" && root && "blob" in root;
  return isStored ? decodeGraph(blobBytes(root.blob, blobs)) : graph;
}
