import type { Kernel, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import { Batches } from "../../chunk/batches.ts";
import { batchesOf, isThenable, listOf } from "./bag-apply.ts";
import { type FoldStart, freshCopy } from "./bag-fold.ts";
import { PartitionRecords } from "./partition-records.ts";

/** A total, or nothing where there were no records. */
type Total = readonly [] | readonly [total: unknown];

/** `bag.fold`: the total of the part's records. Functions: binop. */
export const foldRecords: Kernel = (call) => {
  const { start } = call.params as { readonly start: FoldStart };
  return foldedFrom(batchesOf(call.arguments[0]), binopOf(call.functions), { before: [], start });
};

/** `bag.combine-totals`: one total of several. Functions: combine. */
export const combineTotals: Kernel = async (call) => {
  const combine = binopOf(call.functions);
  let total: Total = [];
  for await (const other of listOf<Total>(call.arguments[0])) {
    if (other.length === 0) continue;
    total = total.length === 0 ? other : [await combine(total[0], other[0])];
  }
  return total;
};

/** `bag.folded-value`: the total itself; `params.start` of no records. */
export const foldedValue: Kernel = (call) => {
  const { start } = call.params as { readonly start: FoldStart };
  const total = call.arguments[0] as Total;
  if (total.length > 0) return total[0];
  if (start.kind === "value") return start.value;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: "bag.fold: the bag has no records, and there is no initial total",
    fix: "say what the total of nothing is: fold(binop, { initial: … })",
  });
};

/** `bag.accumulate-total`: the total behind a part (argument 0), of what lies behind the one before (argument 1). Functions: binop. */
export const totalBehind: Kernel = async (call) => {
  const { start } = call.params as { readonly start: FoldStart };
  const before = await totalBefore(call.arguments[1], start);
  return foldedFrom(batchesOf(call.arguments[0]), binopOf(call.functions), { before, start });
};

/** `bag.accumulate`: the running totals of a part (argument 0), from what lies behind the one before (argument 1). Functions: binop. */
export const runningTotals: Kernel = async (call) => {
  const { start } = call.params as { readonly start: FoldStart };
  const before = await totalBefore(call.arguments[1], start);
  const isFirst = call.task.index === 0;
  const totals = running(batchesOf(call.arguments[0]), binopOf(call.functions), before);
  return new Batches(isFirst && before.length > 0 ? after([before], totals) : totals);
};

/** What the part before ended with; in the first part, what all starts with. */
async function totalBefore(list: unknown, start: FoldStart): Promise<Total> {
  for await (const total of listOf<Total>(list)) return total;
  return start.kind === "value" ? [freshCopy(start.value)] : [];
}

async function foldedFrom(
  batches: Batches,
  binop: UserFunction,
  { before, start }: { readonly before: Total; readonly start: FoldStart },
): Promise<Total> {
  let isEmpty = before.length === 0;
  let total = before[0];
  for await (const batch of batches) {
    let i = 0;
    if (isEmpty && batch.length > 0) {
      isEmpty = false;
      if (start.kind === "value") total = freshCopy(start.value);
      else total = batch[i++];
    }
    for (; i < batch.length; i++) {
      const next = binop(total, batch[i]);
      // Only a binop that is async costs a turn of the event loop per record.
      total = isThenable(next) ? await next : next;
    }
  }
  return isEmpty ? [] : [total];
}

async function* running(
  batches: Batches,
  binop: UserFunction,
  before: Total,
): AsyncGenerator<readonly unknown[]> {
  let isEmpty = before.length === 0;
  let total = before[0];
  for await (const batch of batches) {
    const totals: unknown[] = [];
    for (const record of batch) {
      const next = isEmpty ? record : binop(total, record);
      total = isThenable(next) ? await next : next;
      isEmpty = false;
      totals.push(total);
    }
    yield totals;
  }
}

async function* after(
  first: readonly (readonly unknown[])[],
  rest: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<readonly unknown[]> {
  yield* first;
  yield* rest;
}

/** `bag.reduce-part`: what a function makes of the part's records; nothing if there are none. Functions: perPartition. */
export const reducePart: Kernel = async (call) => {
  const iterator = batchesOf(call.arguments[0])[Symbol.asyncIterator]();
  let first = await iterator.next();
  while (first.done !== true && first.value.length === 0) first = await iterator.next();
  if (first.done === true) return [];
  const records = new Batches(after([first.value], { [Symbol.asyncIterator]: () => iterator }));
  return [await binopOf(call.functions)(new PartitionRecords(records))];
};

/** `bag.aggregate`: what a function makes of several results. Functions: aggregate. */
export const aggregateResults: Kernel = async (call) => {
  const results = (await listOf<Total>(call.arguments[0]).all()).flat();
  return results.length === 0 ? [] : [await binopOf(call.functions)(results)];
};

/** `bag.reduced-value`: the result itself; of no records, what the functions make of nothing. Functions: perPartition, aggregate. */
export const reducedValue: Kernel = async (call) => {
  const result = call.arguments[0] as Total;
  if (result.length > 0) return result[0];
  const [perPartition, aggregate] = call.functions;
  const ofNothing = await binopOf([perPartition])(new PartitionRecords(Batches.of([])));
  return binopOf([aggregate])([ofNothing]);
};

function binopOf([binop]: readonly (UserFunction | undefined)[]): UserFunction {
  return present(binop, "the function of a fold");
}
