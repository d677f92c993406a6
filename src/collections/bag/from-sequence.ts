import { assert } from "../../base/assert.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { Batches } from "../../chunk/batches.ts";
import { encodeChunk } from "../../chunk/codec.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { PackedBytes } from "../../plan/stage.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { partitionsMax } from "./exchange.ts";

/** How a sequence is cut; at most one of them. */
export interface FromSequenceOptions {
  /** Number of parts, as equal as can be. Default: one per record up to 100. */
  readonly partitions?: number;
  /** Records per part. */
  readonly partitionSize?: number;
}

interface SequenceParams {
  readonly chunks: PackedBytes;
}

/** Records that the program has itself: chunks given by the plan. */
const sequenceOperation: Operation<SequenceParams> = {
  name: "bag.sequence",
  version: 1,
  lower: (expr, context) => {
    const { chunks } = expr.params;
    const count = chunks.offsets.length - 1;
    return lowered(
      context.emit({
        role: "data",
        kind: "data",
        label: "fromSequence",
        count,
        slots: [],
        steps: [],
        data: chunks,
        chunkBytes: largest(chunks),
        layout: { partitions: count },
      }),
    );
  },
};

function largest({ offsets }: PackedBytes): number {
  return offsets.reduce((most, end, i) => Math.max(most, end - (offsets[i - 1] ?? 0)), 0);
}

const where = "bag.fromSequence";
const defaultPartitions = 100;

/** The expression of a bag of `items`, which are copied now. */
export function sequenceExpr(items: unknown, options?: FromSequenceOptions): Expr {
  if (items === null || typeof items !== "object" || !(Symbol.iterator in items)) {
    throw badArgument(where, "an array or another iterable", items);
  }
  const records: readonly unknown[] = Array.isArray(items)
    ? items
    : [...(items as Iterable<unknown>)]; // It has an iterator, which is all there is to it.
  const partitions = partitionCount(records.length, checked(options));
  const startOf = (part: number): number => Math.floor((part * records.length) / partitions);
  const rows = Float64Array.from({ length: partitions }, (_, i) => startOf(i + 1) - startOf(i));
  const chunks = packBytes(
    Array.from(rows, (count, part) =>
      chunkOf(records.slice(startOf(part), startOf(part) + count), startOf(part)),
    ),
  );
  return bagExpr({
    operation: sequenceOperation,
    params: { chunks: { ...chunks, rows } },
    paramsName: nameOf(chunks),
    partitions,
  });
}

/** Records that are no plain data are refused here, at the call. */
function chunkOf(records: readonly unknown[], start: number): Uint8Array {
  const encoded = encodeRecords(records, start);
  assert("kind" in encoded && encoded.kind === "whole", "a given part was not encoded at once");
  return encoded.bytes;
}

function encodeRecords(records: readonly unknown[], start: number): ReturnType<typeof encodeChunk> {
  try {
    return encodeChunk(Batches.of(records), { wholeBytesMax: Number.POSITIVE_INFINITY });
  } catch (error) {
    // The chunk does not know which of the items it holds: the first that is refused alone tells.
    for (const [i, record] of records.entries()) {
      encodeValue(record, `${where}: items[${start + i}]`);
    }
    throw error;
  }
}

function checked(options: FromSequenceOptions | undefined): FromSequenceOptions {
  const known = checkOptions(where, options, ["partitions", "partitionSize"]);
  const { partitions, partitionSize } = known;
  if (partitions !== undefined && partitionSize !== undefined) {
    throw badArgument(where, "partitions or partitionSize, not both", options);
  }
  if (partitions !== undefined) {
    wholeNumber(`${where}: partitions`, partitions, { min: 1, max: partitionsMax });
  }
  if (partitionSize !== undefined) {
    wholeNumber(`${where}: partitionSize`, partitionSize, { min: 1 });
  }
  return known;
}

function partitionCount(records: number, options: FromSequenceOptions): number {
  const { partitions, partitionSize } = options;
  if (partitions !== undefined) return partitions;
  if (partitionSize !== undefined) return Math.max(1, Math.ceil(records / partitionSize));
  return Math.max(1, Math.min(records, defaultPartitions));
}
