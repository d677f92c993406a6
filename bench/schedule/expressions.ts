import { nameOf } from "../../src/base/content-name.ts";
import { type Expr, makeExpr, type Operation } from "../../src/plan/expr.ts";
import { selfStage } from "../../src/plan/lower-context.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import { emitReduceTree } from "../../src/plan/reduce-tree.ts";

const oneByOne: Operation = {
  name: "bench.map",
  version: 1,
  lower: ({ params }, context) => {
    const count = Number(params);
    const layout = context.emit({
      role: "map",
      kind: "map",
      label: "map",
      count,
      slots: [],
      steps: [{ operation: "identity", arguments: [] }],
      layout: count,
      fusible: false,
    });
    return { kind: "layout", layout };
  },
};

const tree: Operation = {
  name: "bench.tree",
  version: 1,
  lower: ({ children }, context) => {
    const [child] = children;
    if (child === undefined) throw new Error("a tree over nothing");
    const layout = emitReduceTree(context, {
      input: context.layout(child),
      label: "tree",
      large: false,
      combine: { operation: "fold" },
    });
    return { kind: "layout", layout };
  },
};

/** A map over `count` indexes whose results a tree makes one. */
export function mapAndTree(count: number): Expr {
  const map = makeExpr({ operation: oneByOne, params: count });
  return makeExpr({ operation: tree, params: undefined, children: [map] });
}

const irregular: Operation = {
  name: "bench.irregular",
  version: 1,
  lower: ({ params }, context) => {
    const mapping = randomReads(Number(params));
    const layout = context.emit({
      role: "calls",
      kind: "graph",
      label: "graph",
      count: Number(params),
      slots: [{ stage: selfStage, mapping }],
      steps: [{ operation: "identity", arguments: [{ input: 0 }] }],
      layout: nameOf(mapping),
    });
    return { kind: "layout", layout };
  },
};

/** `count` calls, each of which but the first thousand reads up to four of the thousand before it, and a tree over all. */
export function irregularCalls(count: number): Expr {
  const calls = makeExpr({ operation: irregular, params: count });
  return makeExpr({ operation: tree, params: undefined, children: [calls] });
}

function randomReads(count: number): InputMapping {
  const offsets = new Uint32Array(count + 1);
  const targets: number[] = [];
  let seed = 1;
  const below = (limit: number): number => {
    // Park and Miller's generator: the graph must be the same each time.
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  for (let i = 0; i < count; i++) {
    const reads = i < 1000 ? 0 : below(5);
    for (let k = 0; k < reads; k++) targets.push(i - 1 - below(1000));
    offsets[i + 1] = targets.length;
  }
  return { kind: "csr", offsets, targets: Uint32Array.from(targets) };
}
