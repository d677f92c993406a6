import { present } from "../../base/assert.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { type Expr, makeExpr } from "../../plan/expr.ts";
import { lateOperation } from "../graph/late-nodes.ts";
import { afterExpr } from "./after-expr.ts";

/** How work is made again under other names. */
export interface ExprRemaking {
  /** In all new names. */
  readonly salt: string;
  /** The first tasks wait for the only chunk of it. */
  readonly after: Expr | undefined;
  /** What stays as it is, with all below it. */
  stays(expr: Expr): boolean;
  /** A delayed call made again, or itself if it stays. */
  node(node: LazyNode): LazyNode;
}

/** Makes expressions again, those that several share once. Keeps its own stack: chains may be long. */
export class ExprRemaker {
  readonly #remaking: ExprRemaking;
  readonly #done = new Map<Expr, Expr>();

  constructor(remaking: ExprRemaking) {
    this.#remaking = remaking;
  }

  /** `root` under another name, or itself if it stays. */
  remake(root: Expr): Expr {
    const stack = [root];
    for (let expr = stack.at(-1); expr !== undefined; expr = stack.at(-1)) {
      const missing = this.#done.has(expr) ? [] : this.#missing(expr);
      if (missing.length > 0) stack.push(...missing);
      else {
        stack.pop();
        if (!this.#done.has(expr)) this.#done.set(expr, this.#one(expr));
      }
    }
    return this.#of(root);
  }

  #missing(expr: Expr): readonly Expr[] {
    if (this.#stays(expr)) return [];
    return expr.children.filter((child) => !this.#done.has(child));
  }

  #stays(expr: Expr): boolean {
    // Chunks that the client holds are no work.
    return heldOperations.has(expr.operation.name) || this.#remaking.stays(expr);
  }

  #one(expr: Expr): Expr {
    if (this.#stays(expr)) return expr;
    const { salt, after } = this.#remaking;
    const children = expr.children.map((child) => this.#of(child));
    const nodes = this.#nodes(expr);
    const isFirst = nodes === expr && children.every((child, i) => child === expr.children[i]);
    const paramsName = `${salt}|${nodes.paramsName}`;
    const remade = makeExpr({ ...nodes, paramsName, children });
    return isFirst && after !== undefined ? afterExpr(remade, after) : remade;
  }

  /** `expr` over calls that were made again; the same object if there are none. */
  #nodes(expr: Expr): Expr {
    const operation = lateOperation(expr);
    if (operation === undefined) return expr;
    const nodes = operation.nodesOf(expr);
    const remade = nodes.map((node) => this.#remaking.node(node));
    const isSame = remade.every((node, i) => node === nodes[i]);
    return isSame ? expr : operation.overNodes(expr, remade);
  }

  #of(expr: Expr): Expr {
    return present(this.#done.get(expr), "remade work");
  }
}

const heldOperations: ReadonlySet<string> = new Set(["live", "kept", "published"]);
