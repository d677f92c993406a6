/**
 * Bags may wait for delayed calls. Such a call stands in a bag's expression by itself, without a graph: which graph it
 * is part of is only known when all that is computed together is known, and a call must not be in two of them.
 */
import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import type { ContentName } from "../../base/ids.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { type Expr, makeExpr, type Operation, withChildren } from "../../plan/expr.ts";
import type { LazyWork } from "../collection.ts";
import { nodeKey } from "./node-keys.ts";

const lateOf: Operation<LazyNode> = {
  name: "delayed-late",
  version: 1,
  lower: () => {
    throw new LambdaskError("BUG", { message: "internal: a delayed call was given no graph" });
  },
};

const operation = lateOf as Operation; // Nothing but `nodeIn` sees the parameter.

/** Nobody has to look for such expressions before there is one. */
let areThere = false;

/** An expression of one chunk, `null`, which is there when `node` was called. */
export function lateExpr(node: LazyNode): Expr {
  areThere = true;
  return makeExpr({ operation, params: node, paramsName: nodeKey(node) });
}

function nodeIn(expr: Expr): LazyNode | undefined {
  return expr.operation === operation ? (expr.params as LazyNode) : undefined; // What `lateExpr` gave.
}

/**
 * `works` with the calls that their expressions wait for in graphs: in one with the works that are delayed calls
 * themselves. `worksOfNodes` makes it.
 */
export function settledWorks(
  works: readonly LazyWork[],
  worksOfNodes: (nodes: readonly LazyNode[]) => readonly LazyWork[],
): LazyWork[] {
  const late = areThere ? lateExprs(works) : [];
  if (late.length === 0) return [...works];
  const direct = works.filter((work) => work.node !== undefined);
  const nodes = [...direct, ...late.map((expr) => ({ node: nodeIn(expr) }))].map(({ node }) =>
    present(node, "a node"),
  );
  const made = worksOfNodes(nodes);
  const byWork = new Map(direct.map((work, i) => [work, present(made[i], "a node's work")]));
  const placed = new Map<ContentName, Expr>();
  for (const [i, { name }] of late.entries()) {
    placed.set(name, doneChunkExpr(present(made[direct.length + i], "a node's work")));
  }
  const settling = { placed, done: new Map<Expr, Expr>() };
  return works.map((work) => byWork.get(work) ?? { ...work, expr: settled(work.expr, settling) });
}

/** Expressions below `works` that are calls without a graph. */
function lateExprs(works: readonly LazyWork[]): Expr[] {
  const found = new Map<ContentName, Expr>();
  const seen = new Set<Expr>();
  const open = works.map((work) => work.expr);
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    if (nodeIn(expr)) found.set(expr.name, expr);
    else open.push(...expr.children);
  }
  return [...found.values()];
}

interface Settling {
  /** By the name of the call, the chunk that stands for it. */
  readonly placed: ReadonlyMap<ContentName, Expr>;
  readonly done: Map<Expr, Expr>;
}

/** `root` with calls replaced by what stands for them. Keeps its own stack: chains may be long. */
function settled(root: Expr, { placed, done }: Settling): Expr {
  const stack = [root];
  for (let expr = stack.at(-1); expr !== undefined; expr = stack.at(-1)) {
    const missing = done.has(expr) ? [] : expr.children.filter((child) => !done.has(child));
    if (missing.length > 0) {
      stack.push(...missing);
      continue;
    }
    stack.pop();
    if (done.has(expr)) continue;
    const children = expr.children.map((child) => present(done.get(child), "settled work"));
    const isSame = children.every((child, i) => child === expr.children[i]);
    const own = nodeIn(expr) ? placed.get(expr.name) : undefined;
    done.set(expr, own ?? (isSame ? expr : withChildren(expr, children)));
  }
  return present(done.get(root), "settled work");
}

/** A chunk of `null` has no more bytes than this. */
const nullBytes = 1024;

const oneOf: Operation<number> = {
  name: "done-one",
  version: 1,
  lower: (expr, context) => {
    const { stage } = context.layout(present(expr.children[0], "what is waited for"));
    const targets = Uint32Array.of(expr.params);
    const layout = context.emit({
      role: "done",
      kind: "reduce",
      label: "done",
      count: 1,
      slots: [{ stage, mapping: { kind: "csr", offsets: Uint32Array.of(0, 1), targets } }],
      steps: [{ operation: "nothing", arguments: [] }],
      layout: 1,
      chunkBytes: nullBytes,
      absorbs: false,
    });
    return { kind: "layout", layout };
  },
};

/** One `null` that is there when the chunk of `work` is. */
function doneChunkExpr({ expr, indexes }: LazyWork): Expr {
  return makeExpr({
    operation: oneOf as Operation, // Only `lower` sees the parameter, which is the one given here.
    params: indexes.kind === "list" ? (indexes.indexes[0] ?? 0) : 0,
    children: [expr],
    definedAt: expr.definedAt,
  });
}
