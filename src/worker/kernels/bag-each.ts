import type { Kernel, KernelCall, UserFunction } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import type { LambdaskError } from "../../base/errors.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { applyEach, batchesOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

/** `bag.map`: the function's result for every record. */
export const mapRecords: Kernel = (call) => new Batches(mapped(input(call), userFunction(call)));

/** `bag.filter`: the records for which the function's result is truthy. */
export const filterRecords: Kernel = (call) =>
  new Batches(filtered(input(call), userFunction(call), true));

/** `bag.remove`: the records for which the function's result is falsy. */
export const removeRecords: Kernel = (call) =>
  new Batches(filtered(input(call), userFunction(call), false));

/** `bag.flatten`: the items of every record. */
export const flattenRecords: Kernel = (call) =>
  new Batches(flattened(input(call), call.task.index));

/** `bag.take`: the first `params.count` records; no more batches are read than they need. */
export const takeRecords: Kernel = (call) =>
  new Batches(taken(input(call), (call.params as { readonly count: number }).count));

/** `bag.size`: how many records there are, as a value. */
export const countRecords: Kernel = async (call) => {
  let count = 0;
  for await (const batch of input(call)) count += batch.length;
  return count;
};

function input(call: KernelCall): Batches {
  return batchesOf(call.arguments[0]);
}

function userFunction(call: KernelCall): UserFunction {
  return present(call.functions[0], "the function of a bag operation");
}

async function* mapped(batches: Batches, call: UserFunction): AsyncGenerator<readonly unknown[]> {
  for await (const batch of batches) {
    const results = applyEach(call, batch);
    yield results instanceof Promise ? await results : results;
  }
}

async function* filtered(
  batches: Batches,
  call: UserFunction,
  wanted: boolean,
): AsyncGenerator<readonly unknown[]> {
  for await (const batch of batches) {
    const results = applyEach(call, batch);
    const keeps = results instanceof Promise ? await results : results;
    const kept = batch.filter((_, i) => Boolean(keeps[i]) === wanted);
    if (kept.length > 0) yield kept;
  }
}

async function* flattened(batches: Batches, partition: number): AsyncGenerator<readonly unknown[]> {
  let position = 0;
  let items: unknown[] = [];
  for await (const batch of batches) {
    for (const record of batch) {
      if (Array.isArray(record)) {
        for (let i = 0; i < record.length; i++) {
          items.push(record[i]);
          if (items.length === batchRecords) {
            yield items;
            items = [];
          }
        }
      } else {
        if (!isIterable(record)) throw notIterable(record, position, partition);
        for (const item of record) {
          items.push(item);
          if (items.length === batchRecords) {
            yield items;
            items = [];
          }
        }
      }
      position++;
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
