import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { present, unreachable } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import { containerArgument } from "./container.ts";
import { encodeArgument, encodeCall, FunctionTable, type LeafWriter } from "./encode-argument.ts";
import type { CallArgument, GraphCall } from "./graph-call.ts";
import type { LazyArgument, LazyNode, NodeOptions } from "./node.ts";
import { collectNodes, visitNodes } from "./visit-nodes.ts";

/** A value with a method of this name is lazy: the method gives it as data, and the client runs it. */
export const toDataKey: unique symbol = Symbol.for("lambdask.toData");

const mark = "lambdask.lazy";

/** Lazies that a task returned, as plain data: one call per node, `result` arguments naming earlier calls. */
export interface LazyData {
  readonly [mark]: 1;
  readonly functions: readonly ShippedFunction[];
  readonly calls: readonly GraphCall[];
  /** Per call. */
  readonly options: readonly NodeOptions[];
  /** Per call, `""` if it is pure. */
  readonly nonces: readonly string[];
  /** The returned value: a lazy, or containers with lazies inside. */
  readonly root: CallArgument;
}

/** True if a decoded chunk holds lazies. */
export function isLazyData(value: unknown): value is LazyData {
  return typeof value === "object" && value !== null && Object.hasOwn(value, mark);
}

/** `root` as plain data. */
export function lazyToData(root: LazyArgument): LazyData {
  const positions = new Map<LazyNode, number>();
  const functions = new FunctionTable();
  const calls: GraphCall[] = [];
  const options: NodeOptions[] = [];
  const nonces: string[] = [];
  const leaves: LeafWriter = {
    functions,
    node: (node) => ["result", present(positions.get(node), "an earlier node")],
    lazy: refuseLazy,
    data: ({ bytes }) => ["bytes", bytes],
  };
  const roots: LazyNode[] = [];
  collectNodes(root, roots);
  visitNodes(roots, (node) => {
    positions.set(node, calls.push(encodeCall(node, leaves)) - 1);
    options.push(node.options);
    nonces.push(node.nonce);
  });
  const written = encodeArgument(root, leaves);
  return { [mark]: 1, functions: functions.list, calls, options, nonces, root: written };
}

/** The lazies in `data`. */
export function lazyFromData(data: LazyData): LazyArgument {
  const nodes: LazyNode[] = [];
  const decode = (argument: CallArgument): LazyArgument => decodeArgument(argument, nodes, data);
  for (const [position, call] of data.calls.entries()) {
    nodes.push({
      kind: "node",
      action: actionOf(call, data.functions),
      arguments: call[2].map(decode),
      options: data.options[position] ?? {},
      nonce: data.nonces[position] ?? "",
    });
  }
  return decode(data.root);
}

/** What a call in data does; `functions` are those that it counts by position. */
export function actionOf(
  call: GraphCall,
  functions: readonly ShippedFunction[],
): LazyNode["action"] {
  switch (call[0]) {
    case "call":
      return { kind: "call", function: present(functions[call[1]], "a function") };
    case "method":
      return { kind: "method", name: call[1] };
    case "attribute":
      return { kind: "attribute", name: call[1] };
    case "item":
      return { kind: "item", index: call[1][0], of: call[1][1] };
    case "value":
      return { kind: "value" };
    default:
      return unreachable(call);
  }
}

function decodeArgument(
  argument: CallArgument,
  nodes: readonly LazyNode[],
  data: LazyData,
): LazyArgument {
  const all = (items: readonly CallArgument[]): LazyArgument[] =>
    items.map((item) => decodeArgument(item, nodes, data));
  switch (argument[0]) {
    case "data":
      return { kind: "data", value: argument[1] };
    case "bytes":
      return { kind: "bytes", bytes: argument[1] };
    case "function":
      return { kind: "function", function: present(data.functions[argument[1]], "a function") };
    case "result":
      return present(nodes[argument[1]], "an earlier node");
    case "list":
      return containerArgument({ kind: "list", items: all(argument[1]) });
    case "record":
      return containerArgument({ kind: "record", keys: argument[1], items: all(argument[2]) });
    case "map":
      return containerArgument({ kind: "map", keys: all(argument[1]), items: all(argument[2]) });
    case "set":
      return containerArgument({ kind: "set", items: all(argument[1]) });
    case "input":
      throw new LambdaskError("BUG", { message: "internal: returned lazies name an input" });
    default:
      return unreachable(argument);
  }
}

function refuseLazy(): never {
  throw new LambdaskError("NOT_DATA", {
    message: "a task returned delayed work with a collection inside that is not delayed",
    fix: "compute the collection in the program and pass its value to the task",
  });
}
