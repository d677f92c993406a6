import type { Program, Step } from "../backend/program.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { assert } from "../base/assert.ts";
import { contentNameVersion, nameOf, nameOfBytes } from "../base/content-name.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import { chunkVersion } from "../chunk/chunk-layout.ts";
import type { Expr } from "./expr.ts";
import { type StageDraft, selfStage } from "./lower-context.ts";

/** A stage as one operation drafted it, with its id and stored name: never changed, so that later rounds can use it. */
export interface DraftedStage {
  readonly id: StageId;
  readonly name: ContentName;
  readonly draft: StageDraft;
  readonly functions: readonly ShippedFunction[];
  readonly expr: Expr;
  readonly chunkBytes: number | undefined;
}

/** The content name of a program: equal names do the same to the same inputs. */
function programId(
  steps: readonly Step[],
  functions: readonly ShippedFunction[],
  setUp?: ShippedFunction,
): ContentName {
  const ids = functions.map((shipped) => shipped.id);
  return nameOf(setUp === undefined ? [steps, ids] : [steps, ids, setUp.id]);
}

/** The last program made of a function alone, and what of: thousands of futures of one function have one program. */
const lastOf = new WeakMap<
  ShippedFunction,
  {
    readonly steps: readonly Step[];
    readonly setUp: ShippedFunction | undefined;
    readonly program: Program;
  }
>();

/** A program, which brings along what sets up its workers. */
export function makeProgram(
  steps: readonly Step[],
  functions: readonly ShippedFunction[],
  setUp?: ShippedFunction,
): Program {
  const [only] = functions;
  if (only === undefined || functions.length > 1) return newProgram(steps, functions, setUp);
  const known = lastOf.get(only);
  if (known?.steps === steps && known.setUp === setUp) return known.program;
  const program = newProgram(steps, functions, setUp);
  lastOf.set(only, { steps, setUp, program });
  return program;
}

function newProgram(
  steps: readonly Step[],
  functions: readonly ShippedFunction[],
  setUp: ShippedFunction | undefined,
): Program {
  const id = programId(steps, functions, setUp);
  if (setUp === undefined) return { id, steps, functions };
  return { id, steps, functions: [...functions, setUp], setUp: functions.length };
}

/** What a stored name is made of besides expression and draft. */
interface NameParts {
  readonly inputName: (stage: StageId) => string;
  readonly runNonce: string;
  /** What it leaves in a worker may change what functions give. */
  readonly setUp?: ShippedFunction | undefined;
}

/**
 * The stored name of a stage: what it computes, over which stored chunks, cut how. Names of inputs are part of it, so
 * a layout that was chosen from measured bytes reaches everything made of it.
 */
export function storedName(
  expr: Expr,
  draft: StageDraft,
  { inputName, runNonce, setUp }: NameParts,
): ContentName {
  const slots = draft.slots.map(
    ({ stage, mapping }) => `${stage === selfStage ? "self" : inputName(stage)} ${nameOf(mapping)}`,
  );
  const runs = draft.kind !== "data";
  return nameOfBytes(
    [
      chunkVersion,
      contentNameVersion,
      expr.name,
      expr.nonce === "" ? "" : runNonce,
      draft.role,
      draft.kind,
      draft.count,
      draft.parts,
      draft.layout === undefined ? "" : nameOf(draft.layout),
      programId(draft.steps, draft.functions ?? expr.functions, runs ? setUp : undefined),
      draft.own === undefined ? "" : nameOfBytes(draft.own.bytes),
      ...slots,
    ].join("|"),
  );
}

/** A BUG error if a draft cannot be what its operation meant. */
export function assertDraft(draft: StageDraft, functions: readonly ShippedFunction[]): void {
  const { label, count, steps, slots } = draft;
  assert(Number.isSafeInteger(count) && count >= 0, `${label}: a stage of ${count} indexes`);
  assert((draft.kind === "data") === (steps.length === 0), `${label}: data stages have no steps`);
  assert((draft.kind === "data") === (draft.data !== undefined), `${label}: only data has data`);
  assert((draft.kind === "exchange") === (draft.parts !== undefined), `${label}: exchange: parts`);
  for (const packed of [draft.own, draft.data]) {
    assert(packed === undefined || packed.offsets.length === count + 1, `${label}: packed bytes`);
  }
  for (const [at, step] of steps.entries()) {
    for (const argument of step.arguments) {
      const ok = "input" in argument ? argument.input < slots.length : argument.step < at;
      assert(ok, `${label}: step ${at} (${step.operation}) reads what is not there`);
    }
    for (const position of step.functions ?? []) {
      assert(position < functions.length, `${label}: step ${at} has no function ${position}`);
    }
  }
}
