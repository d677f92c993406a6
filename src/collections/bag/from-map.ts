import { nameOf } from "../../base/content-name.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import type { PackedBytes } from "../../plan/stage.ts";
import { bagExpr, lowered } from "./bag-expr.ts";
import { sequenceExpr } from "./from-sequence.ts";

interface CallParams {
  /** Per part, what the function is called with. */
  readonly own: PackedBytes;
}

/** Records that a function makes, one call per part. */
const fromMapOperation: Operation<CallParams> = {
  name: "bag.from-map",
  version: 1,
  lower: (expr, context) => {
    const { own } = expr.params;
    const count = own.offsets.length - 1;
    return lowered(
      context.emit({
        role: "call",
        kind: "map",
        label: "fromMap",
        memory: { ...unprovenStream(), inputs: [] },
        count,
        slots: [],
        steps: [{ operation: "bag.from-map", arguments: [], functions: [0] }],
        own,
        layout: { partitions: count },
      }),
    );
  },
};

const where = "bag.fromMap";

/** The expression of the records that `call` makes of the first, second, … of all `items`. */
export function fromMapExpr(call: (...values: never) => unknown, items: readonly unknown[]): Expr {
  const made = capture(call, { where });
  const calls = rows(items);
  if (calls.length === 0) return sequenceExpr([]);
  const own = packBytes(calls.map((row) => encodeRow(row)));
  return bagExpr({
    operation: fromMapOperation,
    params: { own },
    paramsName: nameOf(own),
    functions: [made],
    partitions: own.offsets.length - 1,
  });
}

/** The arguments of each call. */
function rows(items: readonly unknown[]): readonly unknown[][] {
  const columns = items.map((given, i) => columnOf(given, i));
  const [first] = columns;
  if (first === undefined) {
    throw badArgument(where, "values to call the function with after it", items);
  }
  for (const [i, { length }] of columns.entries()) {
    if (length === first.length) continue;
    const expected = `as many as the first has (${first.length})`;
    throw badArgument(`${where}: items ${i + 1}`, expected, columns[i]);
  }
  return first.map((_, row) => columns.map((column) => column[row]));
}

function columnOf(given: unknown, position: number): readonly unknown[] {
  const isIterable = typeof given === "object" && given !== null && Symbol.iterator in given;
  if (isIterable) return [...(given as Iterable<unknown>)]; // It has an iterator.
  throw badArgument(`${where}: items ${position + 1}`, "an array or another iterable", given);
}

/** What is no plain data is refused here, at the call. */
function encodeRow(row: readonly unknown[]): Uint8Array {
  return encodeValue(row, where);
}
