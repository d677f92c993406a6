import type { Step } from "../../backend/program.ts";
import { present } from "../../base/assert.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { LazyWork } from "../collection.ts";
import { type LateOperation, makeLateExpr, withoutGraph } from "./late-nodes.ts";
import { nodeKey } from "./node-keys.ts";

/** What is made of the result of a call: the value itself, or `null`, which is there when the value is. */
type Use = "value" | "done";

interface LateChunk {
  readonly node: LazyNode;
  readonly use: Use;
}

const lateOf: LateOperation<LateChunk> = {
  name: "delayed-late",
  version: 1,
  lower: withoutGraph,
  nodesOf: ({ params }) => [params.node],
  overNodes: (expr, [node]) => lateChunkExpr(present(node, "a node"), expr.params.use),
  overWorks: (expr, [work]) => chunkExpr(present(work, "a node's work"), expr.params.use),
};

/** An expression of one chunk: what the call `node` gives, or for `done` a `null` that is there when it was made. */
export function lateChunkExpr(node: LazyNode, use: Use): Expr {
  return makeLateExpr({
    operation: lateOf,
    params: { node, use },
    paramsName: `${use} ${nodeKey(node)}`,
  });
}

/** A chunk of `null` has no more bytes than this. */
const nullBytes = 1024;

interface Picked {
  readonly index: number;
  readonly use: Use;
}

const pickOf: Operation<Picked> = {
  name: "delayed-pick",
  version: 1,
  lower: (expr, context) => {
    const { index, use } = expr.params;
    const { stage } = context.layout(present(expr.children[0], "a graph"));
    const mapping = {
      kind: "csr",
      offsets: Uint32Array.of(0, 1),
      targets: Uint32Array.of(index),
    } as const;
    const layout = context.emit({
      role: use,
      kind: "reduce",
      label: use,
      count: 1,
      slots: [{ stage, mapping }],
      steps: [step(use)],
      layout: 1,
      absorbs: false,
      ...(use === "done" ? { chunkBytes: nullBytes } : {}),
    });
    return { kind: "layout", layout };
  },
};

function step(use: Use): Step {
  return use === "done"
    ? { operation: "nothing", arguments: [] }
    : { operation: "first", arguments: [{ input: 0 }] };
}

function chunkExpr({ expr, indexes }: LazyWork, use: Use): Expr {
  return makeExpr({
    operation: pickOf as Operation, // Only `lower` sees the parameters, which are those given here.
    params: { index: indexes.kind === "list" ? (indexes.indexes[0] ?? 0) : 0, use },
    children: [expr],
    definedAt: expr.definedAt,
  });
}
