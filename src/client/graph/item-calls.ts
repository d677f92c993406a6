import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { functionLabel } from "../../code/lazy/function-label.ts";
import type { LazyArgument, LazyNode, NodeOptions } from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";
import type { PackedBytes } from "../../plan/stage.ts";
import { CallsWriter, type Data, valuesMax } from "./calls-writer.ts";
import { type GraphParams, graphExpr } from "./graph-expr.ts";
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
  const { columns, first, broadcast } = calls;
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
  return callsExpr(writer.finish(), calls);
}

/** The arguments of a call of a function if all are small data that stays in the call; else nothing. */
export function plainArguments({
  action,
  arguments: values,
}: LazyNode): readonly Data[] | undefined {
  if (action.kind !== "call" || values.length > valuesMax) return undefined;
  return values.every(isSmallData) ? values : undefined;
}

/** The expression whose chunk `i` is the result of call number `i` of a function that reads nothing. */
export function callsExpr(
  own: PackedBytes,
  calls: Pick<ItemCalls, "function" | "options" | "nonce">,
): Expr {
  const { options } = calls;
  const count = own.offsets.length - 1;
  const label = options.name ?? functionLabel(calls.function);
  const self = count === 1 ? nothingRead : readsNothing(count);
  return graphExpr({
    params: { label, count, own, self, children: [] },
    children: [],
    functions: [calls.function],
    options,
    nonce: calls.nonce,
  });
}

function readsNothing(count: number): GraphParams["self"] {
  return { offsets: new Uint32Array(count + 1), targets: new Uint32Array(0) };
}

const nothingRead = readsNothing(1);

function isSmallData(item: LazyArgument): item is Data {
  return item.kind === "data" || (item.kind === "bytes" && item.bytes.length <= ownDataBytesMax);
}
