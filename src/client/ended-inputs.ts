import { clientErrorData } from "../backend/client-error-data.ts";
import type { ErrorData } from "../backend/failure.ts";
import { unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import type { StageId } from "../base/ids.ts";
import type { EndedInputs, TaskFailure } from "../schedule/driver.ts";
import { askedForAt, type CallSite } from "./call-site.ts";
import type { ChunkEnd } from "./chunk-ends.ts";
import type { LiveChunks } from "./graph/live-expr.ts";

/**
 * The chunks of futures that work takes though they ended without a value. Equal futures have one chunk: where some of
 * them have its value, or wait for it, the work takes that.
 */
export function endedInputsOf(futures: readonly LiveChunks[]): EndedInputs {
  const stages = new Set(
    futures.filter(({ ended }) => ended.size > 0).map(({ live }) => live.stage),
  );
  if (stages.size === 0) return new Map();
  const byStage = Map.groupBy(futures, ({ live }) => live.stage);
  return new Map(Array.from(stages, (stage) => [stage, endedForAll(byStage.get(stage) ?? [])]));
}

function endedForAll(equal: readonly LiveChunks[]): ReadonlyMap<number, TaskFailure> {
  const [first, ...others] = new Map(equal.map((each) => [each.ended, each])).values();
  if (first === undefined || others.length === 0) return first?.ended ?? new Map();
  const all = [first, ...others];
  const entries = all.flatMap(({ ended }) => [...ended]);
  return new Map(entries.filter(([index]) => all.every((each) => hasNoValue(each, index))));
}

function hasNoValue({ ended, maker }: LiveChunks, index: number): boolean {
  return ended.has(index) || maker.deref()?.hasNoValue(index) === true;
}

/** What fails the work that takes a chunk of `stage` which ended like this; nothing for a value or no end. */
export function failureOfEnd(end: ChunkEnd | undefined, stage: StageId): TaskFailure | undefined {
  switch (end?.kind) {
    case undefined:
    case "done":
      return undefined;
    case "failed":
      return end.failure;
    case "refused":
      return failureOf(stage, clientErrorData(end.error));
    case "cancelled":
      return failureOf(stage, cancelled);
    default:
      return unreachable(end);
  }
}

/** True if the work failed for nothing but that a future it takes was cancelled. */
export function isOfCancelled({ failure }: TaskFailure): boolean {
  return failure.kind === "fatal" && failure.error === cancelled;
}

/** The error of work that takes a cancelled future, asked for at `site`. */
export function cancelledInput(site: CallSite): LambdaskError {
  const { message } = cancelled;
  const fix = "submit the call again, and pass the new future";
  return askedForAt(site, new LambdaskError("CANCELLED", { message, fix }));
}

const cancelled: ErrorData = {
  name: "LambdaskError",
  message: "a future that the work takes was cancelled",
  stack: "",
  fields: { code: "CANCELLED" },
};

function failureOf(stage: StageId, error: ErrorData): TaskFailure {
  const failure = { kind: "fatal", error } as const;
  return { stage, label: "future", definedAt: "", index: 0, attempts: 1, poison: false, failure };
}
