import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { unreachable } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import type { ContentName } from "../../base/ids.ts";
import type { CallArgument, GraphCall } from "./graph-call.ts";
import type { LazyArgument, LazyNode } from "./node.ts";

/** Functions by identity: equal ones take one place. */
export class FunctionTable {
  readonly list: ShippedFunction[] = [];
  readonly #positions = new Map<ContentName, number>();

  /** The position of `shipped`, which is added if it is new. */
  position(shipped: ShippedFunction): number {
    let position = this.#positions.get(shipped.id);
    if (position === undefined) {
      position = this.list.push(shipped) - 1;
      this.#positions.set(shipped.id, position);
    }
    return position;
  }
}

/** How the leaves of an argument that are not data are written. */
export interface LeafWriter {
  readonly functions: FunctionTable;
  node(node: LazyNode): CallArgument;
  lazy(lazy: object): CallArgument;
  data(leaf: Extract<LazyArgument, { kind: "bytes" }>): CallArgument;
}

/** `node` as a call, its leaves written by `leaves`. */
export function encodeCall(node: LazyNode, leaves: LeafWriter): GraphCall {
  const written: CallArgument[] = [];
  for (const argument of node.arguments) {
    if (argument.kind !== "unseen") written.push(encodeArgument(argument, leaves));
  }
  const { action } = node;
  switch (action.kind) {
    case "call": {
      const position = leaves.functions.position(action.function);
      const isPlain = written.every(([kind]) => kind === "data" || kind === "bytes");
      // Asked only where a call waits for lazy work, which plain ones never do.
      if (node.nonce === "" || isPlain) return ["call", position, written];
      return ["call", position, written, true];
    }
    case "method":
      return ["method", action.name, written];
    case "attribute":
      return ["attribute", action.name, written];
    case "item":
      return ["item", [action.index, action.of], written];
    case "value":
      return ["value", null, written];
    default:
      return unreachable(action);
  }
}

/** `argument` in the form of a task's call. */
export function encodeArgument(argument: LazyArgument, leaves: LeafWriter): CallArgument {
  const all = (items: readonly LazyArgument[]): CallArgument[] =>
    items.map((item) => encodeArgument(item, leaves));
  switch (argument.kind) {
    case "node":
      return leaves.node(argument);
    case "data":
      return ["data", argument.value];
    case "bytes":
      return leaves.data(argument);
    case "function":
      return ["function", leaves.functions.position(argument.function)];
    case "lazy":
      return leaves.lazy(argument.lazy);
    case "list":
      return ["list", all(argument.items)];
    case "record":
      return ["record", argument.keys, all(argument.items)];
    case "map":
      return ["map", all(argument.keys), all(argument.items)];
    case "set":
      return ["set", all(argument.items)];
    case "unseen":
      throw new LambdaskError("BUG", { message: "internal: an unseen argument inside another" });
    default:
      return unreachable(argument);
  }
}
