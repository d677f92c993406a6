import { present } from "../base/assert.ts";
import {
  type KeptHandle,
  type Lazy,
  type LazyFamily,
  type LazyWork,
  lazyKey,
} from "../client/collection.ts";
import { computeOne, persist } from "../client/compute.ts";
import type { ComputeOptions } from "../client/compute-options.ts";
import { type ExplainOptions, explain, visualize } from "../client/explain.ts";
import { noteKept } from "../client/graph/kept-nodes.ts";
import { nodeKey } from "../client/graph/node-keys.ts";
import { nodeWorks } from "../client/graph/node-works.ts";
import { lazyToken } from "../client/lazy-token.ts";
import type { MakePublished } from "../client/published-kinds.ts";
import { type LazyNode, wrappedLazy, wrapperOf } from "../code/lazy/node.ts";
import { installActions, lazyValue } from "./delayed-builder.ts";

/** What is behind a delayed value. */
interface DelayedSource {
  readonly node: LazyNode;
  /** It is a list of so many values. */
  readonly nout: number | undefined;
}

// Only delayed values give sources to this family.
const sourceOf = (source: unknown): DelayedSource => source as DelayedSource;

/** Delayed values, looked at together: one graph of all their calls. */
const delayedFamily: LazyFamily = {
  publishedAs: "delayed",
  works: (sources) => nodeWorks(sources.map((source) => sourceOf(source).node)),
  kept: (source, work, handle) => keptValue(sourceOf(source), work, handle),
  token: (source) => {
    const { node } = sourceOf(source);
    const wrapped = wrappedLazy(node);
    return wrapped ? lazyToken(wrapped) : nodeKey(node);
  },
};

/** Of how many values a delayed list is; `undefined` for anything else. */
export function delayedNout(lazy: Lazy): number | undefined {
  const { family, source } = lazy[lazyKey];
  return family === delayedFamily ? sourceOf(source).nout : undefined;
}

/** A kept result, and the call that it came from. */
interface KeptSource extends DelayedSource {
  readonly work: LazyWork;
  isKept(): boolean;
}

/** The delayed value of a result that is kept; once it is released, of the call that it came from. */
function keptValue(of: DelayedSource, work: LazyWork, handle: KeptHandle): unknown {
  let isKept = true;
  // Its chunk is there: it is no call any more.
  const { node: _, ...chunk } = work;
  const source: KeptSource = { ...of, work: chunk, isKept: () => isKept };
  const kept: Lazy = { [lazyKey]: { family: keptFamily, source } };
  const { isHeld } = handle;
  if (isHeld && !wrappedLazy(of.node)) noteKept(of.node, { work: chunk, isHeld });
  return lazyValue(wrapperOf(kept), of.nout, () => {
    isKept = false;
    handle.release();
  });
}

// Only `keptValue` gives sources to this family.
const keptOf = (source: unknown): KeptSource => source as KeptSource;

const keptFamily: LazyFamily = {
  publishedAs: "delayed",
  works: (sources) => sources.map((source) => keptWork(keptOf(source))),
  kept: (source, work, handle) => keptValue(keptOf(source), work, handle),
  token: (source) => delayedFamily.token?.(source) ?? "",
};

function keptWork({ work, node, isKept }: KeptSource): LazyWork {
  return isKept() ? work : present(nodeWorks([node])[0], "the work of a node");
}

const publishedFamily: LazyFamily = {
  publishedAs: "delayed",
  works: (sources) => sources as readonly LazyWork[], // Only `publishedValue` gives sources to it.
  kept: (source, work, handle) => {
    const lazy: Lazy = { [lazyKey]: { family: publishedFamily, source } };
    return keptValue({ node: wrapperOf(lazy), nout: undefined }, work, handle);
  },
};

/** The delayed value that a published chunk is. */
export const publishedValue: MakePublished = ({ expr, chunk = 0 }) => {
  const source: LazyWork = {
    expr,
    indexes: { kind: "list", indexes: Uint32Array.of(chunk) },
    assemble: ([value]) => value,
    asArgument: "chunk",
  };
  const lazy: Lazy = { [lazyKey]: { family: publishedFamily, source } };
  return lazyValue(wrapperOf(lazy), undefined);
};

/** Lets delayed values be computed in this process. */
export function installDelayed(): void {
  installActions({
    parts: (node, nout) => ({ family: delayedFamily, source: { node, nout } }),
    // The builder's proxies pass on what users wrote; each function checks its own options.
    compute: (lazy, options) => computeOne(lazy as Lazy, options as ComputeOptions, "compute"),
    persist: async (lazy, options) => {
      const values =
        options === undefined ? [lazy as Lazy] : [lazy as Lazy, options as ComputeOptions];
      return (await persist(...(values as [Lazy])))[0];
    },
    explain: (lazy, options) => explain(lazy as Lazy, options as ExplainOptions),
    visualize: (lazy) => visualize(lazy as Lazy),
  });
}
