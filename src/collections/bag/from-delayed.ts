import { present } from "../../base/assert.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { type LateOperation, makeLateExpr, withoutGraph } from "../../client/graph/late-nodes.ts";
import { heldPlacesOf, placeOfWork } from "../../client/graph/lazy-places.ts";
import { nodeKey } from "../../client/graph/node-keys.ts";
import { AdjacencyBuilder } from "../../client/graph/pack.ts";
import type { Place } from "../../client/graph/place.ts";
import { type LazyNode, nodeOf, wrappedLazy } from "../../code/lazy/node.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { sequenceExpr } from "./from-sequence.ts";

/** For each part, the child that has it and the chunk of that. */
interface DelayedParams {
  readonly children: Uint32Array;
  readonly indexes: Uint32Array;
}

/** Records that other lazies give: one list of them per part. */
const fromDelayedOperation: Operation<DelayedParams> = {
  name: "bag.from-delayed",
  version: 1,
  lower: (expr, context) => {
    const { children, indexes } = expr.params;
    const slots = expr.children.map((child, number) => {
      const read = new AdjacencyBuilder();
      for (const [part, of] of children.entries()) {
        read.add(of === number ? [indexes[part] ?? 0] : []);
      }
      const { stage } = context.layout(child);
      return { stage, mapping: { kind: "csr", ...read.finish() } } as const;
    });
    return lowered(
      context.emit({
        role: "records",
        kind: "map",
        label: "fromDelayed",
        count: children.length,
        slots,
        steps: [{ operation: "bag.from-delayed", arguments: slots.map((_, input) => ({ input })) }],
        layout: { partitions: children.length },
      }),
    );
  },
};

const where = "bag.fromDelayed";

/** The expression of the records that lazies give, those of each in a part of its own. */
export function fromDelayedExpr(delayeds: unknown): Expr {
  const isIterable =
    typeof delayeds === "object" && delayeds !== null && Symbol.iterator in delayeds;
  if (!isIterable) throw badArgument(where, "a list of delayed values that give lists", delayeds);
  const lazies = [...(delayeds as Iterable<unknown>)]; // It has an iterator.
  if (lazies.length === 0) return sequenceExpr([]);
  const calls = lazies.map(callOf);
  const others = lazies.filter((_, part) => calls[part] === undefined);
  const places = heldPlacesOf(others, where).values();
  const parts = calls.map((call) => call ?? present(places.next().value, "a place"));
  // What is annotated here, and how many parts there are.
  const like = bagExpr({ operation: lateOperation, partitions: parts.length });
  return partsExpr(parts, like);
}

/** The call behind a delayed value whose result is not kept. */
function callOf(lazy: unknown): LazyNode | undefined {
  const node = nodeOf(lazy);
  return node && wrappedLazy(node) === undefined ? node : undefined;
}

/** What gives one part: a call that has no graph yet, or a chunk. */
type Part = LazyNode | Place;

/** The same with chunks of children by their numbers. */
interface LateParams {
  readonly parts: readonly (LazyNode | { readonly child: number; readonly index: number })[];
}

/** Records of calls that have no graph yet: nothing is lowered before they have. */
const lateOperation: LateOperation<LateParams> = {
  name: "bag.from-delayed-late",
  version: 1,
  lower: withoutGraph,
  nodesOf: ({ params }) => params.parts.filter((part) => "action" in part),
  overNodes: (expr, nodes) => partsExpr(partsOver(expr, nodes), expr),
  overWorks: (expr, works) => partsExpr(partsOver(expr, works.map(placeOfWork)), expr),
};

function isPlace(part: Part): part is Place {
  return !("action" in part);
}

/** What gives the parts of `expr`, with `others` in place of its calls. */
function partsOver({ params, children }: Expr<LateParams>, others: readonly Part[]): Part[] {
  const next = others.values();
  return params.parts.map((part) => {
    if ("action" in part) return present(next.next().value, "a call");
    return { expr: present(children[part.child], "a child"), index: part.index };
  });
}

/** The expression of `parts`, with the annotations and facts of `like`. */
function partsExpr(parts: readonly Part[], like: Pick<Expr, "annotations" | "meta">): Expr {
  const { annotations, meta } = like;
  const places = parts.filter(isPlace);
  const children = [...new Set(places.map(({ expr }) => expr))];
  const numbers = new Map(children.map((child, number) => [child, number]));
  const numbered = parts.map((part) =>
    "action" in part ? part : { child: numbers.get(part.expr) ?? 0, index: part.index },
  );
  const spec = { children, annotations, meta };
  if (places.length < parts.length) {
    const names = numbered.map((part) =>
      "action" in part ? nodeKey(part) : [part.child, part.index],
    );
    const params = { parts: numbered };
    return makeLateExpr({ ...spec, operation: lateOperation, params, paramsName: nameOf(names) });
  }
  const operation = fromDelayedOperation as Operation; // Only `lower` sees the parameters, and gets those given here.
  const params: DelayedParams = {
    children: Uint32Array.from(places, ({ expr }) => numbers.get(expr) ?? 0),
    indexes: Uint32Array.from(places, ({ index }) => index),
  };
  return makeExpr<unknown>({ ...spec, operation, params });
}
