import { present } from "../../base/assert.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, StageDraft } from "../../plan/lower-context.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import type { Slot } from "../../plan/stage.ts";
import { type LateOperation, lateOperation } from "../graph/late-nodes.ts";

/** The same work, none of whose tasks runs before the only chunk of `first` is there. */
export function afterExpr(expr: Expr, first: Expr): Expr {
  const operation: Operation = {
    name: `${expr.operation.name}-after`,
    version: expr.operation.version,
    lower: (whole, context) =>
      expr.operation.lower(
        innerOf(whole, expr.operation),
        waiting(context, context.layout(firstOf(whole))),
      ),
  };
  const late = lateOperation(expr);
  const forwarded = late ? { ...operation, ...forwarding(late) } : operation;
  return makeExpr({ ...expr, operation: forwarded, children: [...expr.children, first] });
}

function innerOf(whole: Expr, operation: Operation): Expr {
  return { ...whole, operation, children: whole.children.slice(0, -1) };
}

function firstOf(whole: Expr): Expr {
  return present(whole.children.at(-1), "what is waited for");
}

/** The calls that the inner expression takes are those of the whole. */
function forwarding(
  late: LateOperation,
): Pick<LateOperation, "nodesOf" | "overNodes" | "overWorks"> {
  return {
    nodesOf: (whole) => late.nodesOf(innerOf(whole, late)),
    overNodes: (whole, nodes) =>
      afterExpr(late.overNodes(innerOf(whole, late), nodes), firstOf(whole)),
    overWorks: (whole, works) =>
      afterExpr(late.overWorks(innerOf(whole, late), works), firstOf(whole)),
  };
}

/** A context whose stages wait for `first`. */
function waiting(context: LowerContext, first: Layout): LowerContext {
  return {
    ...context,
    emit: (draft) =>
      draft.kind === "data"
        ? context.emit(passDraft(draft, context.emit(draft), first))
        : context.emit(waitingDraft(draft, first)),
  };
}

function waitingDraft(draft: StageDraft, first: Layout): StageDraft {
  const slots: Slot[] = [...draft.slots, firstSlot(first)];
  const { memory } = draft;
  if (memory?.inputs === undefined) return { ...draft, slots };
  return { ...draft, slots, memory: { ...memory, inputs: [...memory.inputs, 0] } };
}

/** No task makes data that the plan gives: a stage that passes it on can wait. */
function passDraft(data: StageDraft, given: Layout, first: Layout): StageDraft {
  return { ...passAfter(given, first), label: data.label };
}

/** No step reads it: it is there to be waited for. */
function firstSlot({ stage }: Layout): Slot {
  return { stage, mapping: { kind: "all" } };
}

/** A stage that gives the chunks of `input` on, each once `first` is there. */
function passAfter(input: Layout, first: Layout): StageDraft {
  const { count, form, chunkBytes } = input;
  return {
    role: "after",
    kind: "map",
    label: "after",
    count,
    slots: [{ stage: input.stage, mapping: { kind: "one" } }, firstSlot(first)],
    steps: [{ operation: "identity", arguments: [{ input: 0 }] }],
    layout: { after: count },
    form,
    memory: streamMemory(2, { ends: false }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  };
}

const passOf: Operation = {
  name: "after",
  version: 1,
  lower: (expr, context) => {
    const [input, first] = expr.children.map((child) => context.layout(child));
    const draft = passAfter(present(input, "what waits"), present(first, "what is waited for"));
    return { kind: "layout", layout: context.emit(draft) };
  },
};

/** The chunks of `expr` as they are, each given on only when the only chunk of `first` is there. */
export function passExpr(expr: Expr, first: Expr): Expr {
  const { meta, annotations, definedAt } = expr;
  return makeExpr({
    operation: passOf,
    params: undefined,
    children: [expr, first],
    meta,
    annotations,
    definedAt,
  });
}
