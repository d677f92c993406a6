import { present } from "../../base/assert.ts";
import { type Lazy, type LazyFamily, type LazyWork, lazyKey } from "../../client/collection.ts";
import { doneExpr } from "../../client/order/done-expr.ts";
import { unseen } from "../../client/order/remake-nodes.ts";
import {
  type LazyArgument,
  type LazyNode,
  nodeOf,
  noOptions,
  wrappedArgument,
} from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";

/** Tasks that wait for no more than this many each: what many wait for is a tree. */
const fanIn = 16;

/** How what is waited for is treated. */
interface DoneOptions {
  /** Somebody wants the chunks anyway. */
  readonly stored: boolean;
}

/** A call that gives `null` when all of `lazies` were computed. */
export function doneNode(lazies: readonly Lazy[], options: DoneOptions): LazyNode {
  let level = lazies.map((lazy) => doneArgument(lazy, options));
  while (level.length > fanIn) {
    const groups: LazyArgument[] = [];
    for (let i = 0; i < level.length; i += fanIn) groups.push(nullAfter(level.slice(i, i + fanIn)));
    level = groups;
  }
  return nullAfter(level);
}

function nullAfter(items: readonly LazyArgument[]): LazyNode {
  return valueAfter({ kind: "data", value: null }, items);
}

/** A call that gives `value` when all of `items` are there. */
export function valueAfter(value: LazyArgument, items: readonly LazyArgument[]): LazyNode {
  return {
    kind: "node",
    action: { kind: "value" },
    arguments: [value, unseen("", items)],
    options: noOptions,
    nonce: "",
  };
}

/** `lazy` as an argument of delayed work. */
export function argumentFor(lazy: Lazy): LazyArgument {
  const node = nodeOf(lazy);
  return node ? (wrappedArgument(node) ?? node) : { kind: "lazy", lazy };
}

/** What is there when `lazy` is: of a bag a `null`, so that no task holds all records. */
function doneArgument(lazy: Lazy, { stored }: DoneOptions): LazyArgument {
  const argument = argumentFor(lazy);
  // Each in a task of its own: together they may be large.
  if (argument.kind !== "lazy") return nullAfter([argument]);
  const { expr, asArgument } = workOf(lazy);
  if (asArgument === "chunk") return nullAfter([argument]);
  return { kind: "lazy", lazy: doneOver(doneExpr(expr, { stored })) };
}

function doneOver(expr: Expr): Lazy {
  return { [lazyKey]: { family: doneFamily, source: expr } };
}

/** The work behind one collection. */
export function workOf(lazy: Lazy): LazyWork {
  const { family, source } = lazy[lazyKey];
  return present(family.works([source])[0], "the work of a collection");
}

const doneFamily: LazyFamily = {
  works: (sources) =>
    sources.map((source) => ({
      expr: source as Expr, // Only `doneOver` gives sources to it.
      indexes: { kind: "list", indexes: Uint32Array.of(0) },
      assemble: ([value]) => value,
      asArgument: "chunk",
    })),
  kept: (_source, { expr }) => doneOver(expr),
};
