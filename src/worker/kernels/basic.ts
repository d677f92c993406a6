import type { Kernel, KernelCall } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { Batches } from "../../chunk/batches.ts";
import type { InputList } from "../../chunk/input-list.ts";

/**
 * `call`: the user's function over the arguments, lists of chunks and parts of bags as arrays. It also gets, last, a
 * record of the task's `index`, `positions` and `own` data, and `report` for statistics of the chunk.
 */
export const callFunction: Kernel = async (call) => {
  const fn = present(call.functions[0], "the function of a call");
  const values = await Promise.all(call.arguments.map(inMemory));
  const { index, positions, own } = call.task;
  const report = (statistics: unknown): void => call.task.report(statistics);
  return fn(...values, { index, positions, own, report });
};

/** `identity`: the argument as it is. */
export const identity: Kernel = (call) => call.arguments[0];

/**
 * `fold`: the chunks of a list one at a time, so that only one is held: functions[0] gets what was made so far and the
 * next chunk. Starts with `params.initial`, or else with the first chunk.
 */
export const fold: Kernel = async (call) => {
  const combine = present(call.functions[0], "the function of a fold");
  const params = call.params as { readonly initial?: unknown } | undefined;
  let started = params !== undefined && "initial" in params;
  let total: unknown = started ? structuredClone(params?.initial) : undefined;
  for await (const chunk of listIn(call)) {
    const value = await inMemory(chunk);
    total = started ? await combine(total, value) : value;
    started = true;
  }
  return total;
};

function listIn(call: KernelCall): InputList {
  // The planner gives this operation a slot of several chunks.
  return call.arguments[0] as InputList;
}

/** A chunk as a user's function takes it: parts of bags and lists of chunks as arrays. */
async function inMemory(value: unknown): Promise<unknown> {
  if (value instanceof Batches) return value.toArray();
  if (isList(value)) return Promise.all((await value.all()).map(inMemory));
  return value;
}

function isList(value: unknown): value is InputList {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.asyncIterator in value &&
    "all" in value &&
    typeof value.all === "function"
  );
}
