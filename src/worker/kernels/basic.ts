import type { Kernel } from "../../backend/kernel.ts";
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

/** `nothing`: null, whatever the arguments, which are not read. */
export const nothing: Kernel = () => null;

/** `first`: the first chunk of a list. */
export const first: Kernel = async (call) => {
  const [list] = call.arguments;
  return isList(list) ? (await list.all())[0] : list;
};

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
