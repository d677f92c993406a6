import { present } from "../base/assert.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import type { Expr } from "../plan/expr.ts";
import { allIndexes } from "../plan/index-set.ts";
import { withoutFutures } from "./graph/live-expr.ts";
import { nodeWorks } from "./graph/node-works.ts";
import { mergeTargets, type PlanTarget } from "./run-targets.ts";

/** Where the result of one future is. */
export interface Place {
  readonly target: number;
  readonly index: number;
}

/** What some futures are results of. Until it is asked for its targets, more futures may be added. */
export interface FutureTargets {
  /** Futures. */
  readonly count: number;
  readonly targets: readonly PlanTarget[];
  /** No two futures are the same chunk. */
  readonly areApart: boolean;
  /** Where the result of future number `position` is. */
  place(position: number): Place;
  /** The name of a result, if it is not that of its chunk. */
  key?(position: number): string | undefined;
  /** Of calls that were submitted one by one: this future is released. */
  release?(position: number): void;
  /** It is garbage: nobody asks for it any more. */
  forget?(position: number): void;
}

/** One future for each chunk of `expr`. */
export function chunkTargets(expr: Expr, count: number): FutureTargets {
  const targets = [{ expr, indexes: allIndexes }];
  return { count, targets, areApart: true, place: (index) => ({ target: 0, index }) };
}

/** One future for each node. The futures that these take are held by the driver, once all has begun. */
export function nodeTargets(nodes: readonly LazyNode[], nonce: string): FutureTargets {
  const works = nodeWorks(nodes, { nonce });
  const merged = mergeTargets(works);
  const places: Place[] = [];
  for (const [target, { works: positions }] of merged.entries()) {
    for (const position of positions) {
      const indexes = works[position]?.indexes;
      const index = indexes?.kind === "list" ? indexes.indexes[0] : undefined;
      places[position] = { target, index: present(index, "a future's chunk") };
    }
  }
  const targets = merged.map(({ expr, indexes }) => ({ expr: withoutFutures(expr), indexes }));
  const place = (position: number): Place => present(places[position], "a future's place");
  return { count: nodes.length, targets, areApart: false, place };
}
