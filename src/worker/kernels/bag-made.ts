import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { isLazyData } from "../../code/lazy/lazy-data.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { madeRecords } from "./partition-records.ts";

/** `bag.range`: the task's share of the numbers from 0 to `params.end` − 1. */
const rangeRecords: Kernel = ({ params, task: { index, count } }) => {
  const { end } = params as { readonly end: number };
  const size = Math.floor(end / count);
  const rest = end % count;
  const start = index * size + Math.min(index, rest);
  return new Batches(numbers(start, start + size + (index < rest ? 1 : 0)));
};

function* numbers(start: number, end: number): Generator<readonly number[]> {
  for (let at = start; at < end; at += batchRecords) {
    const batch: number[] = [];
    for (let i = at; i < Math.min(at + batchRecords, end); i++) batch.push(i);
    yield batch;
  }
}

/** `bag.from-map`: the records that the function makes of the task's own values. */
const recordsOfCall: Kernel = ({ functions, task }) => {
  const make = present(functions[0], "the function of a bag operation");
  const values = task.own as readonly unknown[]; // The client wrote it in this form.
  return new Batches(
    madeRecords(() => make(...values), { where: "bag.fromMap", partition: task.index }),
  );
};

/** `bag.from-delayed`: the records in the only chunk of all inputs. */
const recordsOfChunk: Kernel = async ({ arguments: lists, task }) => {
  const chunks = await Promise.all(lists.map((list) => listOf(list).all()));
  const value = chunks.flat(1)[0];
  if (value instanceof Batches) return value;
  if (!isLazyData(value)) {
    return new Batches(
      madeRecords(() => value, { where: "bag.fromDelayed", partition: task.index }),
    );
  }
  throw new LambdaskError("LAZY_MISUSE", {
    message: `bag.fromDelayed: partition ${task.index}: the delayed value gave lazy work and no records`,
    fix: "let the function return the records, or pass the delayed value that it returns",
  });
};

/** `bag.array`: the records of the part as one list. */
const recordsAsList: Kernel = ({ arguments: [part] }) => batchesOf(part).toArray();

/** The kernels of bags that are not made of files or data, and of parts as values. */
export const madeKernels: Readonly<Record<string, Kernel>> = {
  "bag.range": rangeRecords,
  "bag.from-map": recordsOfCall,
  "bag.from-delayed": recordsOfChunk,
  "bag.array": recordsAsList,
};
