import { LambdaskError } from "../../base/errors.ts";
import type { ContentName } from "../../base/ids.ts";
import { type Lazy, lazyKey } from "../../client/collection.ts";
import { lateChunkExpr } from "../../client/graph/late-chunk.ts";
import { lateOperation } from "../../client/graph/late-nodes.ts";
import { nodeKey } from "../../client/graph/node-keys.ts";
import { passExpr } from "../../client/order/after-expr.ts";
import { ExprRemaker } from "../../client/order/remake-expr.ts";
import { NodeRemaker } from "../../client/order/remake-nodes.ts";
import { type LazyNode, nodeOf } from "../../code/lazy/node.ts";
import { forEachLeaf, visitNodes } from "../../code/lazy/visit-nodes.ts";
import type { Expr } from "../../plan/expr.ts";
import { lazyValue } from "../delayed-builder.ts";
import { delayedNout } from "../delayed-family.ts";
import { workOf } from "./done.ts";

/** How collections are made again under other names. */
export interface Remaking {
  /** The function that was called, for messages. */
  readonly where: string;
  readonly salt: string;
  /** The first tasks wait for it. */
  readonly after: LazyNode | undefined;
  /** Stay as they are, with all that they are made of. */
  readonly omit: readonly Lazy[];
}

/** Makes collections again that are looked at together: what they share stays shared. */
export class Remaker {
  readonly #where: string;
  readonly #nodes: NodeRemaker;
  readonly #exprs: ExprRemaker;
  readonly #after: Expr | undefined;
  readonly #lazies = new Map<object, object>();
  readonly #omitted: OmittedWork;

  constructor({ where, salt, after, omit }: Remaking) {
    const omitted = new OmittedWork(omit);
    this.#where = where;
    this.#omitted = omitted;
    this.#after = after && lateChunkExpr(after, "done");
    this.#nodes = new NodeRemaker({
      salt,
      after,
      stays: (node) => omitted.hasNode(node),
      lazy: (lazy) => this.#lazy(lazy as Lazy),
    });
    this.#exprs = new ExprRemaker({
      salt,
      after: this.#after,
      stays: (expr) => omitted.hasExpr(expr),
      node: (node) => this.#nodes.remake(node),
    });
  }

  /** `lazy` under another name. */
  remake(lazy: Lazy): Lazy {
    if (lazy[lazyKey].family.hasBegun) throw hasBegun(this.#where);
    const node = nodeOf(lazy);
    if (node === undefined) return this.#collection(lazy);
    const remade = this.#nodes.remake(node);
    return remade === node ? lazy : (lazyValue(remade, delayedNout(lazy)) as Lazy);
  }

  /** A collection whose chunks are kept has no first task, but what it gives can wait. */
  #collection(lazy: Lazy): Lazy {
    const remade = this.#lazy(lazy);
    const { expr } = workOf(lazy);
    if (remade !== lazy || this.#after === undefined || this.#omitted.hasExpr(expr)) return remade;
    return withExpr(lazy, passExpr(expr, this.#after));
  }

  #lazy(lazy: Lazy): Lazy {
    const known = this.#lazies.get(lazy);
    if (known) return known as Lazy; // What is set below.
    const { expr } = workOf(lazy);
    const remade = this.#exprs.remake(expr);
    const other = remade === expr ? lazy : withExpr(lazy, remade);
    this.#lazies.set(lazy, other);
    return other;
  }
}

/** A collection of the kind of `lazy`, over another expression of as many chunks. */
export function withExpr(lazy: Lazy, expr: Expr): Lazy {
  const { family, source } = lazy[lazyKey];
  // There is nothing to let go of.
  return family.kept(source, { ...workOf(lazy), expr }, { release: () => undefined }) as Lazy;
}

/** All work that some collections are made of. */
class OmittedWork {
  readonly #nodes = new Set<ContentName>();
  readonly #exprs = new Set<ContentName>();

  constructor(lazies: readonly Lazy[]) {
    for (const lazy of lazies) {
      const node = nodeOf(lazy);
      if (node) this.#addNodes(node);
      else this.#addExprs(workOf(lazy).expr);
    }
  }

  hasNode(node: LazyNode): boolean {
    return this.#nodes.size > 0 && this.#nodes.has(nodeKey(node));
  }

  hasExpr(expr: Expr): boolean {
    return this.#exprs.has(expr.name);
  }

  #addNodes(root: LazyNode): void {
    visitNodes([root], (node) => {
      this.#nodes.add(nodeKey(node));
      for (const argument of node.arguments) {
        forEachLeaf(argument, (leaf) => {
          // Only lazies are put there.
          if (leaf.kind === "lazy") this.#addExprs(workOf(leaf.lazy as Lazy).expr);
        });
      }
    });
  }

  #addExprs(root: Expr): void {
    const open = [root];
    for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
      if (this.#exprs.has(expr.name)) continue;
      this.#exprs.add(expr.name);
      for (const node of lateOperation(expr)?.nodesOf(expr) ?? []) this.#addNodes(node);
      open.push(...expr.children);
    }
  }
}

function hasBegun(where: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: a future has begun already, and cannot be made again or wait`,
    fix: "pass a Delayed or a bag; a future may be a parent, or what something waits on",
  });
}
