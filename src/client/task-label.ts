import { decodeValue } from "../chunk/value-codec.ts";
import { functionLabel } from "../code/lazy/function-label.ts";
import type { GraphTask } from "../code/lazy/graph-call.ts";
import type { Stage } from "../plan/stage.ts";
import type { TaskFailure } from "../schedule/driver.ts";
import { unpackBytes } from "./graph/pack.ts";
import type { FailedTask } from "./task-error.ts";

/** A failed task as people know it. Tasks of a delayed graph are called by their own functions, not by the stage. */
export function failedTask(failed: TaskFailure, stage: Stage | undefined): FailedTask {
  const { label, index, attempts, definedAt } = failed;
  const functions = stage?.kind === "graph" ? functionsOf(stage, index) : [];
  if (functions.length === 0) return { label, index, attempts, definedAt };
  // A stage with one name has the one that `delayed(…, { name })` gave, or else the function's.
  const isOneName = label !== "delayed" && !label.includes(" → ");
  return {
    label: isOneName ? label : functions.map(functionLabel).join(" → "),
    index,
    attempts,
    definedAt: functions.at(-1)?.definedAt ?? definedAt,
  };
}

const namesMax = 3;

function functionsOf(stage: Stage, index: number): Stage["program"]["functions"] {
  if (stage.own === undefined) return [];
  const task = decodeValue(unpackBytes(stage.own, index)) as GraphTask; // The client wrote it in this form.
  const positions = new Set(task.flatMap((call) => (call[0] === "call" ? [call[1]] : [])));
  return [...positions]
    .slice(-namesMax)
    .flatMap((position) => stage.program.functions[position] ?? []);
}
