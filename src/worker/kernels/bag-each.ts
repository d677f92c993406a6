import type { Kernel, KernelCall, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import type { LambdaskError } from "../../base/errors.ts";
import { chain } from "../../base/maybe-promise.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { applyEach, batchesOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** `bag.map`: the function's result for every record. */
export const mapRecords: Kernel = (call) => {
  const user = userFunction(call);
  return input(call).map((batch) => applyEach(user, batch));
};

/** `bag.filter`: the records for which the function's result is truthy. */
export const filterRecords: Kernel = (call) => filtered(call, true);

/** `bag.remove`: the records for which the function's result is falsy. */
export const removeRecords: Kernel = (call) => filtered(call, false);

/** `bag.flatten`: the items of every record. */
export const flattenRecords: Kernel = (call) => {
  let position = 0;
  return input(call).flatMap((batch) => {
    const first = position;
    position += batch.length;
    return flattened(batch, first, call.task.index);
  });
};

/** `bag.take`: the first `params.count` records; no more batches are read than they need. */
export const takeRecords: Kernel = (call) =>
  new Batches(taken(input(call), (call.params as { readonly count: number }).count));

/** `bag.size`: how many records there are, as a value. */
export const countRecords: Kernel = (call) => {
  let count = 0;
  const counted = input(call).visit((batch) => {
    count += batch.length;
  });
  return chain(counted, () => count);
};

function input(call: KernelCall): Batches {
  return batchesOf(call.arguments[0]);
}

function userFunction(call: KernelCall): UserFunction {
  return present(call.functions[0], "the function of a bag operation");
}

function filtered(call: KernelCall, wanted: boolean): Batches {
  const user = userFunction(call);
  return input(call).map((batch) =>
    chain(applyEach(user, batch), (keeps) => batch.filter((_, i) => Boolean(keeps[i]) === wanted)),
  );
}

/** The items of the records of a batch, in batches of the usual size. */
function* flattened(
  batch: readonly unknown[],
  firstPosition: number,
  partition: number,
): Generator<readonly unknown[]> {
  let items: unknown[] = [];
  for (let i = 0; i < batch.length; i++) {
    const record = batch[i];
    if (Array.isArray(record)) {
      // Most are lists, which are read several times faster without their iterator.
      for (let at = 0; at < record.length; at++) {
        items.push(record[at]);
        if (items.length < batchRecords) continue;
        yield items;
        items = [];
      }
      continue;
    }
    if (!isIterable(record)) throw notIterable(record, firstPosition + i, partition);
    for (const item of record) {
      items.push(item);
      if (items.length < batchRecords) continue;
      yield items;
      items = [];
    }
  }
  if (items.length > 0) yield items;
}

function isIterable(record: unknown): record is Iterable<unknown> {
  if (typeof record === "string") return true;
  return typeof record === "object" && record !== null && Symbol.iterator in record;
}

function notIterable(record: unknown, position: number, partition: number): LambdaskError {
  return wrongRecord({
    where: "bag.flatten",
    partition,
    position,
    record,
    expected: "something to iterate over",
    fix: "map the records to lists before, or filter out those that are none",
  });
}

async function* taken(batches: Batches, count: number): AsyncGenerator<readonly unknown[]> {
  let left = count;
  if (left === 0) return;
  for await (const batch of batches) {
    const some = batch.length > left ? batch.slice(0, left) : batch;
    left -= some.length;
    yield some;
    if (left === 0) return;
  }
}
