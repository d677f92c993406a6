import { present } from "../../base/assert.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { emitReduceTree } from "../../plan/reduce-tree.ts";

/** A chunk of `null` has no more bytes than this. */
const nullBytes = 1024;

/** Chunks that nobody reads become one `null`, which is there when all of them are. */
const nothing = { operation: "nothing" };
const tree = { label: "done", large: false, combine: nothing, chunkBytes: nullBytes } as const;

const storedOf: Operation = {
  name: "done-stored",
  version: 1,
  lower: (expr, context) => {
    const input = context.layout(present(expr.children[0], "what is waited for"));
    return { kind: "layout", layout: emitReduceTree(context, { ...tree, input }) };
  },
};

const drainedOf: Operation = {
  name: "done-drained",
  version: 1,
  lower: (expr, context) => {
    const parts = context.layout(present(expr.children[0], "what is waited for"));
    const input = context.emit({
      role: "drain",
      kind: "map",
      label: "done",
      count: parts.count,
      slots: [{ stage: parts.stage, mapping: { kind: "one" } }],
      steps: [{ operation: "bag.size", arguments: [{ input: 0 }] }],
      layout: { parts: parts.count },
      memory: streamMemory(1, { ends: true }),
      streams: false,
    });
    return { kind: "layout", layout: emitReduceTree(context, { ...tree, input }) };
  },
};

/**
 * One `null` that is there when all chunks of a bag were made. `stored`: somebody wants these chunks anyway. Otherwise
 * the tasks that make them run through their records and keep none.
 */
export function doneExpr(bag: Expr, { stored }: { readonly stored: boolean }): Expr {
  return makeExpr({
    operation: stored ? storedOf : drainedOf,
    params: undefined,
    children: [bag],
    definedAt: bag.definedAt,
  });
}
