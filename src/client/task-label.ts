import path from "node:path";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { unreachable } from "../base/assert.ts";
import { decodeValue } from "../chunk/value-codec.ts";
import { functionLabel } from "../code/lazy/function-label.ts";
import type { GraphCall, GraphTask } from "../code/lazy/graph-call.ts";
import type { Stage } from "../plan/stage.ts";
import type { TaskFailure } from "../schedule/driver.ts";
import { unpackBytes } from "./graph/pack.ts";
import type { FailedTask } from "./task-error.ts";

/** A failed task as people know it. Tasks of a delayed graph are called by what they do, not by the stage. */
export function failedTask(failed: TaskFailure, stage: Stage | undefined): FailedTask {
  const { label, index, attempts } = failed;
  const calls = stage?.kind === "graph" ? callsOf(stage, index) : [];
  const functions = stage?.program.functions ?? [];
  // A stage with one name has the one that `delayed(…, { name })` gave, or else the function's.
  const isOneName = label !== "delayed" && !label.includes(" → ");
  const steps = new Set<string>();
  let definedAt = failed.definedAt;
  for (const call of calls) {
    const shipped = call[0] === "call" ? functions[call[1]] : undefined;
    if (shipped) definedAt = shipped.definedAt;
    const step = shipped && isOneName ? label : stepName(call, shipped);
    if (step !== "") steps.add(step);
  }
  // What only takes something out of a result is called by that result's stage too.
  const names = calls.some(([kind]) => kind === "call") ? [...steps] : [label, ...steps];
  const told = names.slice(-namesMax).join(" → ");
  const setUp = functions[stage?.program.setUp ?? -1];
  return {
    label: told,
    index,
    attempts,
    definedAt: absolutePlace(definedAt),
    ...(setUp === undefined ? {} : { setUp: functionLabel(setUp) }),
  };
}

const namesMax = 3;

function stepName(call: GraphCall, shipped: ShippedFunction | undefined): string {
  switch (call[0]) {
    case "call":
      return shipped ? functionLabel(shipped) : "";
    case "method":
      return `.${call[1]}()`;
    case "attribute":
      return typeof call[1] === "number" ? `[${call[1]}]` : `.${call[1]}`;
    case "item":
      return `[${call[1][0]}]`;
    case "value":
      return "";
    default:
      return unreachable(call);
  }
}

function callsOf(stage: Stage, index: number): GraphTask {
  if (stage.own === undefined) return [];
  return decodeValue(unpackBytes(stage.own, index)) as GraphTask; // The client wrote it in this form.
}

/** `file:line:column` with the whole path of the file, as places of calls have it. */
function absolutePlace(place: string): string {
  return /^[^:]+:\d+:\d+$/.test(place) ? path.resolve(place) : place;
}
