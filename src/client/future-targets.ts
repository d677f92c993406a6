import { present } from "../base/assert.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import type { Expr } from "../plan/expr.ts";
import { allIndexes } from "../plan/index-set.ts";
import { plainCallExpr } from "./graph/item-calls.ts";
import { nodeWorks } from "./graph/node-works.ts";
import { mergeTargets, type PlanTarget } from "./run-targets.ts";

/** Where the result of one future is. */
export interface Place {
  readonly target: number;
  readonly index: number;
}

/** What some futures are results of. */
export interface FutureTargets {
  /** Futures. */
  readonly count: number;
  readonly targets: readonly PlanTarget[];
  /** No two futures are the same chunk. */
  readonly areApart: boolean;
  /** Where the result of future number `position` is. */
  place(position: number): Place;
}

/** One future for each chunk of `expr`. */
export function chunkTargets(expr: Expr, count: number): FutureTargets {
  const targets = [{ expr, indexes: allIndexes }];
  return { count, targets, areApart: true, place: (index) => ({ target: 0, index }) };
}

/** One future, of one call. */
export function callTargets(node: LazyNode, nonce: string): FutureTargets {
  const expr = plainCallExpr(node, nonce);
  return expr === undefined ? nodeTargets([node], nonce) : chunkTargets(expr, 1);
}

/** One future for each node. */
export function nodeTargets(nodes: readonly LazyNode[], nonce: string): FutureTargets {
  const works = nodeWorks(nodes, { nonce });
  const targets = mergeTargets(works);
  const places: Place[] = [];
  for (const [target, { works: positions }] of targets.entries()) {
    for (const position of positions) {
      const indexes = works[position]?.indexes;
      const index = indexes?.kind === "list" ? indexes.indexes[0] : undefined;
      places[position] = { target, index: present(index, "a future's chunk") };
    }
  }
  const place = (position: number): Place => present(places[position], "a future's place");
  return { count: nodes.length, targets, areApart: false, place };
}
