/**
 * Bags may read delayed calls, or wait for them. Such a call stands in a bag's expression by itself, without a graph:
 * which graph it is part of is only known when all that is computed together is known, and a call must not be in two.
 */
import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import type { ContentName } from "../../base/ids.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { LazyWork } from "../collection.ts";

/** An operation of expressions that take delayed calls without a graph. */
export interface LateOperation<Params = unknown> extends Operation<Params> {
  /** The calls, in an order of its own. */
  nodesOf(expr: Expr<Params>): readonly LazyNode[];
  /** The same over other calls, in that order. */
  overNodes(expr: Expr<Params>, nodes: readonly LazyNode[]): Expr;
  /** The expression, now that the calls have graphs: their works are in that order. */
  overWorks(expr: Expr<Params>, works: readonly LazyWork[]): Expr;
}

/** Nobody has to look for such expressions before there is one. */
let areThere = false;

/** Makes an expression that takes calls without a graph. */
export function makeLateExpr<Params>(
  spec: Parameters<typeof makeExpr<Params>>[0] & { readonly operation: LateOperation<Params> },
): Expr {
  areThere = true;
  const expr = makeExpr(spec);
  return expr as Expr; // Only its own operation sees the parameters.
}

/** Looks for calls without a graph. */
export const lateNodes = {
  /** True if there may be any. */
  areThere: (): boolean => areThere,
  /** Those that the expressions of `work` take. */
  of: (work: LazyWork): LazyNode[] =>
    lateExprs([work]).flatMap(({ expr, operation }) => operation.nodesOf(expr)),
} as const;

/** What an operation is that takes calls without a graph. */
export function lateOperation(expr: Expr): LateOperation | undefined {
  return "nodesOf" in expr.operation ? (expr.operation as LateOperation) : undefined;
}

/** What `lower` of such an operation does. */
export function withoutGraph(): never {
  throw new LambdaskError("BUG", { message: "internal: a delayed call was given no graph" });
}

/**
 * `works` with the calls that their expressions take in graphs: in one with the works that are delayed calls themselves.
 * `worksOfNodes` makes it.
 */
export function settledWorks(
  works: readonly LazyWork[],
  worksOfNodes: (nodes: readonly LazyNode[]) => readonly LazyWork[],
): LazyWork[] {
  const late = areThere ? lateExprs(works) : [];
  if (late.length === 0) return [...works];
  const direct = works.filter((work) => work.node !== undefined);
  const nodes = direct.map(({ node }) => present(node, "a node"));
  const starts = late.map(({ expr, operation }) => nodes.push(...operation.nodesOf(expr)));
  const made = worksOfNodes(nodes);
  const byWork = new Map(direct.map((work, i) => [work, present(made[i], "a node's work")]));
  const worksOf = new Map(
    late.map(({ expr }, i) => [expr.name, made.slice(starts[i - 1] ?? direct.length, starts[i])]),
  );
  const settling = { worksOf, done: new Map<Expr, Expr>() };
  return works.map((work) => byWork.get(work) ?? { ...work, expr: settled(work.expr, settling) });
}

interface LateExpr {
  readonly expr: Expr;
  readonly operation: LateOperation;
}

/** Expressions below `works` that take calls without a graph, each once. */
function lateExprs(works: readonly LazyWork[]): LateExpr[] {
  const found = new Map<ContentName, LateExpr>();
  const seen = new Set<Expr>();
  const open = works.map((work) => work.expr);
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    const operation = lateOperation(expr);
    if (operation) found.set(expr.name, { expr, operation });
    open.push(...expr.children);
  }
  return [...found.values()];
}

interface Settling {
  /** By name of an expression, the works of the calls that it takes. */
  readonly worksOf: ReadonlyMap<ContentName, readonly LazyWork[]>;
  readonly done: Map<Expr, Expr>;
}

/** `root` with graphs for its calls. Keeps its own stack: chains may be long. */
function settled(root: Expr, { worksOf, done }: Settling): Expr {
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
    const works = worksOf.get(expr.name);
    const over = isSame ? expr : makeExpr({ ...expr, children });
    done.set(expr, works ? (lateOperation(expr)?.overWorks(over, works) ?? over) : over);
  }
  return present(done.get(root), "settled work");
}
