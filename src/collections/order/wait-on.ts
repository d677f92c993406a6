import { type Lazy, lazyKey } from "../../client/collection.ts";
import type { Future } from "../../client/future.ts";
import { lateChunkExpr } from "../../client/graph/late-chunk.ts";
import { type LazyStructure, laziesIn, replaceLazies } from "../../client/lazy-structure.ts";
import { passExpr } from "../../client/order/after-expr.ts";
import { type LazyNode, nodeOf } from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";
import { lazyValue } from "../delayed-builder.ts";
import { delayedNout } from "../delayed-family.ts";
import type { Delayed } from "../delayed-types.ts";
import { argumentFor, doneNode, valueAfter, workOf } from "./done.ts";
import { withExpr } from "./remaker.ts";

/** What `waitOn` gives: a future becomes a delayed value, other collections stay what they are. */
export type WaitedOn<T> =
  T extends Future<infer U>
    ? Delayed<U>
    : T extends Lazy
      ? T
      : T extends readonly unknown[]
        ? { [K in keyof T]: WaitedOn<T[K]> }
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<WaitedOn<K>, WaitedOn<V>>
          : T extends ReadonlySet<infer V>
            ? Set<WaitedOn<V>>
            : T extends object
              ? { [K in keyof T]: WaitedOn<T[K]> }
              : T;

/**
 * The same collections, each of whose values is given on only when all of the given were computed. Nothing runs twice
 * for it. One collection, or one container of them, gives its like; several give a list.
 * @example
 * ```ts
 * const [left, right] = waitOn(delayed(1), fromSequence([2, 3]));
 * console.log(await compute(left, right)); // → [ 1, [ 2, 3 ] ]
 * ```
 */
export function waitOn<T extends LazyStructure>(value: T): WaitedOn<T>;
export function waitOn<T extends readonly LazyStructure[]>(...values: T): WaitedOn<T>;
export function waitOn(...values: readonly unknown[]): unknown {
  const after = doneNode(laziesIn(values, "waitOn"), { stored: true });
  let expr: Expr | undefined;
  const afterOne = (): Expr => {
    expr ??= lateChunkExpr(after, "done");
    return expr;
  };
  const waiting = values.map((value) =>
    replaceLazies(value, (lazy) => waitingOf(lazy, after, afterOne)),
  );
  return waiting.length === 1 ? waiting[0] : waiting;
}

function waitingOf(lazy: Lazy, after: LazyNode, afterOne: () => Expr): unknown {
  if (nodeOf(lazy) || lazy[lazyKey].family.hasBegun) {
    return lazyValue(valueAfter(argumentFor(lazy), [after]), delayedNout(lazy));
  }
  return withExpr(lazy, passExpr(workOf(lazy).expr, afterOne()));
}
