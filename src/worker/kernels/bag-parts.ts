import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { Partitioned } from "../../chunk/partitioned.ts";
import { noChunks } from "../chunk-inputs.ts";
import { batchesOf, listOf } from "./bag-apply.ts";
import { Cursor } from "./bag-cursor.ts";

/** `bag.concat`: the records of all chunks of one input, then of the next. Empty pieces of an exchange are passed over. */
export const concatRecords: Kernel = (call) =>
  // Of thousands of bags a task reads one.
  new Batches(inTurn(call.arguments.filter((input) => input !== noChunks)));

async function* inTurn(inputs: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
  for (const input of inputs) {
    for await (const part of listOf<Batches | undefined>(input)) if (part) yield* part;
  }
}

/** `bag.product`: every record of the first part with every record of the second, which is held. */
export const productRecords: Kernel = (call) => {
  const [left, right] = call.arguments.map(batchesOf);
  return new Batches(pairs(present(left, "a part"), present(right, "a part")));
};

async function* pairs(left: Batches, right: Batches): AsyncGenerator<readonly unknown[]> {
  const others = await right.toArray();
  let batch: unknown[] = [];
  for await (const records of left) {
    for (const record of records) {
      for (const other of others) {
        batch.push([record, other]);
        if (batch.length < batchRecords) continue;
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** Which parts of an exchange a chunk's records go to: runs of them, from one part on. */
interface Runs {
  readonly part: number;
  readonly counts: readonly number[];
}

/** `bag.cut`: the records in `params.parts` pieces, run by run as the task's own data says; read as they are written. */
export const cutRecords: Kernel = (call) => {
  const { parts } = call.params as { readonly parts: number };
  const runs = call.task.own as Runs; // What `bag.repartition` gave.
  return new Partitioned(parts, cut(new Cursor(batchesOf(call.arguments[0])), runs, parts));
};

function* cut(
  records: Cursor,
  { part, counts }: Runs,
  parts: number,
): Generator<Batches | undefined> {
  for (let i = 0; i < parts; i++) {
    const count = counts[i - part] ?? 0;
    yield count === 0 ? undefined : new Batches(run(records, count));
  }
}

async function* run(records: Cursor, count: number): AsyncGenerator<readonly unknown[]> {
  for (let left = count; left > 0; ) {
    const batch = await records.next(Math.min(left, batchRecords));
    if (batch.length === 0) return;
    left -= batch.length;
    yield batch;
  }
}
