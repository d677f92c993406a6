/**
 * Delayed calls whose results are kept. A graph that needs an equal call reads its result and leaves the call out, with
 * all that only it needs.
 */
import type { ContentName } from "../../base/ids.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { visitNodes } from "../../code/lazy/visit-nodes.ts";
import type { LazyWork } from "../collection.ts";
import { nodeKey } from "./node-keys.ts";

/** The result of a call, as long as it is kept. */
export interface KeptResult {
  /** Its chunk; as work of another client it is the call itself. */
  readonly work: LazyWork;
  isHeld(): boolean;
}

/** By the key of the call; the newest result last. */
const results = new Map<ContentName, KeptResult[]>();
let sweepAt = 64;

/** Notes that the result of `node` is kept. */
export function noteKept(node: LazyNode, result: KeptResult): void {
  const key = nodeKey(node);
  results.set(key, [...(results.get(key) ?? []), result].filter(isHeld));
  if (results.size < sweepAt) return;
  for (const known of results.keys()) heldResult(known);
  sweepAt = 2 * results.size + 64;
}

/** The newest result of the call of this key that is still kept. */
function heldResult(key: ContentName): KeptResult | undefined {
  const known = results.get(key)?.filter(isHeld) ?? [];
  if (known.length === 0) results.delete(key);
  return known.at(-1);
}

function isHeld(result: KeptResult): boolean {
  return result.isHeld();
}

/** The calls that `targets` reach, without passing through others of them, whose results are kept. */
export function keptNodes(targets: readonly LazyNode[]): ReadonlyMap<LazyNode, LazyWork> {
  const found = new Map<LazyNode, LazyWork>();
  // Keys cost a hash per call: only those pay who keep something.
  if (results.size === 0) return found;
  for (const target of targets) nodeKey(target);
  const isKept = (node: LazyNode): boolean => {
    const result = heldResult(nodeKey(node));
    if (result) found.set(node, result.work);
    return result !== undefined;
  };
  visitNodes(targets, () => undefined, { isDone: isKept });
  return found;
}
