import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { functionLabel } from "../../code/lazy/function-label.ts";
import type { LazyArgument, NodeOptions } from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";
import { CallsWriter, type Data, valuesMax } from "./calls-writer.ts";
import { graphExpr } from "./graph-expr.ts";
import { ownDataBytesMax } from "./large-data.ts";

/** Calls of one function, each with an item of every column, its index, and what all of them take. */
export interface ItemCalls {
  readonly function: ShippedFunction;
  /** Of equal lengths. */
  readonly columns: readonly (readonly LazyArgument[])[];
  /** Index of the first call. */
  readonly first: number;
  readonly broadcast: readonly LazyArgument[];
  readonly options: NodeOptions;
  readonly nonce: string;
}

/**
 * The expression whose chunk `i` is the result of call number `i`, if all arguments are small data: the same stage that
 * a graph of these calls would be, without a graph. `undefined` for arguments that others compute.
 */
export function itemCallsExpr(calls: ItemCalls): Expr | undefined {
  const { columns, first, broadcast, options } = calls;
  const values = columns.length + 1 + broadcast.length;
  if (values > valuesMax || !broadcast.every(isSmallData)) return undefined;
  const count = columns[0]?.length ?? 0;
  const writer = new CallsWriter(count, values);
  for (let index = 0; index < count; index++) {
    writer.beginTask();
    for (const column of columns) {
      const item = column[index];
      if (item === undefined || !isSmallData(item)) return undefined;
      writer.add(item);
    }
    writer.addSmall(first + index);
    for (const value of broadcast) writer.add(value);
  }
  const label = options.name ?? functionLabel(calls.function);
  const nothing = { offsets: new Uint32Array(count + 1), targets: new Uint32Array(0) };
  return graphExpr({
    params: { label, count, own: writer.finish(), self: nothing, children: [] },
    children: [],
    functions: [calls.function],
    options,
    nonce: calls.nonce,
  });
}

function isSmallData(item: LazyArgument): item is Data {
  return item.kind === "data" || (item.kind === "bytes" && item.bytes.length <= ownDataBytesMax);
}
