import { present } from "../../base/assert.ts";
import { type Expr, makeExpr, type Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, StageDraft } from "../../plan/lower-context.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import type { Slot } from "../../plan/stage.ts";

/** The same work, none of whose tasks runs before the only chunk of `first` is there. */
export function afterExpr(expr: Expr, first: Expr): Expr {
  const operation: Operation = {
    name: `${expr.operation.name}-after`,
    version: expr.operation.version,
    lower: (whole, context) => {
      const inner = { ...whole, operation: expr.operation, children: whole.children.slice(0, -1) };
      const last = present(whole.children.at(-1), "what is waited for");
      return expr.operation.lower(inner, waiting(context, context.layout(last)));
    },
  };
  return makeExpr({ ...expr, operation, children: [...expr.children, first] });
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
