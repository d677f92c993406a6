import type { Layout, LowerContext, StageDraft } from "../../plan/lower-context.ts";
import { eachPart } from "./bag-expr.ts";

type Step = StageDraft["steps"][number];

/** How partial results become one. */
export interface TreeDraft {
  readonly label: string;
  /** Makes one table of a list of them. */
  readonly merge: Pick<Step, "operation" | "params" | "functions">;
  /** Makes the records of the last table. */
  readonly finish: Pick<Step, "operation">;
  /** Tables may be megabytes each: fewer per task. */
  readonly large: boolean;
}

/** Merges the tables of `partial` level by level, in order, into one part of records. */
export function emitTree(context: LowerContext, partial: Layout, draft: TreeDraft): Layout {
  const { reduceFanIn, reduceFanInLarge } = context.options;
  const fanIn = draft.large ? reduceFanInLarge : reduceFanIn;
  let tables = partial;
  for (let level = 1; tables.count > 1; level++) {
    const count = Math.ceil(tables.count / fanIn);
    tables = context.emit({
      role: `level-${level}`,
      kind: "reduce",
      label: draft.label,
      count,
      slots: [{ stage: tables.stage, mapping: { kind: "group", size: fanIn } }],
      steps: [{ ...draft.merge, arguments: [{ input: 0 }] }],
      layout: { fanIn, tables: tables.count },
      fusible: count === 1,
      streams: false,
    });
  }
  return context.emit(
    eachPart(tables, {
      role: "finish",
      label: draft.label,
      steps: [{ ...draft.finish, arguments: [{ input: 0 }] }],
      functions: [],
    }),
  );
}
