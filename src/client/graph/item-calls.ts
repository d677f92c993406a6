import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { functionLabel } from "../../code/lazy/function-label.ts";
import type { LazyArgument, NodeOptions } from "../../code/lazy/node.ts";
import type { Expr } from "../../plan/expr.ts";
import { ownDataBytesMax } from "./build.ts";
import { CallsWriter } from "./calls-writer.ts";
import { graphExpr } from "./graph-expr.ts";

/** Calls of one function, each with an item and its index. */
export interface ItemCalls {
  readonly function: ShippedFunction;
  readonly items: readonly LazyArgument[];
  readonly options: NodeOptions;
  readonly nonce: string;
}

/**
 * The expression whose chunk `i` is the result of the call with item `i`, if all items are small data: the same stage that
 * a graph of these calls would be, without a graph. `undefined` for items that others compute.
 */
export function itemCallsExpr(calls: ItemCalls): Expr | undefined {
  const { items, options } = calls;
  const count = items.length;
  const writer = new CallsWriter(count, 2);
  for (let index = 0; index < count; index++) {
    const item = items[index];
    if (item?.kind !== "data" && item?.kind !== "bytes") return undefined;
    if (item.kind === "bytes" && item.bytes.length > ownDataBytesMax) return undefined;
    writer.beginTask();
    writer.add(item);
    writer.addSmall(index);
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
