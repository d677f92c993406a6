import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import { Batches } from "../../chunk/batches.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { Cursor } from "./bag-cursor.ts";
import { madeRecords, PartitionRecords } from "./partition-records.ts";
import { wrongRecord } from "./wrong-record.ts";

/** What goes beside the first argument: `records` of another bag, or one `value` for all. */
interface BesideParams {
  readonly where: string;
  readonly kinds: readonly ("records" | "value")[];
}

/** `bag.zip`: tuples of the records at the same place in every bag, single values repeated. */
export const zipRecords: Kernel = async (call) => {
  const { where, kinds } = call.params as BesideParams;
  const [first, ...rest] = call.arguments;
  const others = await Promise.all(
    kinds.map(async (kind, i) =>
      kind === "records" ? new Cursor(batchesOf(rest[i])) : { value: await single(rest[i]) },
    ),
  );
  return new Batches(zipped({ where, partition: call.task.index }, batchesOf(first), others));
};

async function single(argument: unknown): Promise<unknown> {
  const [value] = await listOf(argument).all();
  return value instanceof Batches ? value.toArray() : value;
}

async function* zipped(
  place: { readonly where: string; readonly partition: number },
  first: Batches,
  others: readonly (Cursor | { readonly value: unknown })[],
): AsyncGenerator<readonly unknown[]> {
  let count = 0;
  for await (const batch of first) {
    const columns: (readonly unknown[] | { readonly value: unknown })[] = [];
    for (const [i, other] of others.entries()) {
      const column = other instanceof Cursor ? await other.next(batch.length) : other;
      if (Array.isArray(column) && column.length < batch.length) {
        throw unequalLengths(place, i, { other: count + column.length, longer: "the first" });
      }
      columns.push(column);
    }
    count += batch.length;
    yield batch.map((record, i) => [
      record,
      ...columns.map((column) => ("value" in column ? column.value : column[i])),
    ]);
  }
  for (const [i, other] of others.entries()) {
    if (!(other instanceof Cursor)) continue;
    const more = await other.next(1);
    if (more.length > 0) throw unequalLengths(place, i, { other: count, longer: "it" });
    await other.close();
  }
}

function unequalLengths(
  { where, partition }: { readonly where: string; readonly partition: number },
  other: number,
  { other: count, longer }: { readonly other: number; readonly longer: string },
): LambdaskError {
  const rule =
    longer === "it"
      ? `has more than the ${count} records of the first`
      : `has only ${count} records, fewer than the first`;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: partition ${partition}: bag ${other + 2} ${rule}`,
    fix: "zip bags that are made of the same records by map, which keeps their places",
    data: { where, partition },
  });
}

/** `bag.starmap`: the function's result for the items of every record as its arguments. */
export const starmapRecords: Kernel = (call) => {
  const user = present(call.functions[0], "the function of a bag operation");
  let position = 0;
  return batchesOf(call.arguments[0]).map((batch) => {
    requireLists(batch, position, call.task.index);
    position += batch.length;
    return applyEach((record) => user(...(record as readonly unknown[])), batch);
  });
};

function requireLists(batch: readonly unknown[], firstPosition: number, partition: number): void {
  for (let i = 0; i < batch.length; i++) {
    const record = batch[i];
    if (Array.isArray(record)) continue;
    throw wrongRecord({
      where: "bag.starmap",
      partition,
      position: firstPosition + i,
      record,
      expected: "a list of arguments",
      fix: "use map for records that are one argument",
    });
  }
}

/** `bag.map-partitions`: the records that the function makes of the whole part and what goes beside it. */
export const mapPartitions: Kernel = async (call) => {
  const { kinds } = call.params as BesideParams;
  const user = present(call.functions[0], "the function of a bag operation");
  const [first, ...rest] = call.arguments;
  const others = await Promise.all(
    kinds.map(async (kind, i) =>
      kind === "records" ? new PartitionRecords(batchesOf(rest[i])) : await single(rest[i]),
    ),
  );
  return new Batches(
    madeRecords(() => user(new PartitionRecords(batchesOf(first)), ...others), {
      where: "bag.mapPartitions",
      partition: call.task.index,
    }),
  );
};
