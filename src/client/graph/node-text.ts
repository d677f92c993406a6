import { unreachable } from "../../base/assert.ts";
import type { LazyArgument, LazyNode } from "../../code/lazy/node.ts";
import { dataName } from "./large-data.ts";

/** What stands in a node's text for what it takes that is no data. */
export interface NodeNames {
  node(node: LazyNode): string;
  lazy(lazy: object): string;
}

/** A text that equal nodes share, and no others. */
export function nodeText(node: LazyNode, names: NodeNames): string {
  const parts = node.arguments.map((argument) => argumentText(argument, names)).join(",");
  return `${actionText(node.action)}(${parts})${node.nonce}`;
}

function actionText(action: LazyNode["action"]): string {
  switch (action.kind) {
    case "call":
      return action.function.id;
    case "method":
      return `.${JSON.stringify(action.name)}()`;
    case "attribute":
      return `.${JSON.stringify(action.name)}`;
    case "item":
      return `[${action.index}/${action.of}]`;
    case "value":
      return "=";
    default:
      return unreachable(action);
  }
}

function argumentText(argument: LazyArgument, names: NodeNames): string {
  const all = (items: readonly LazyArgument[]): string =>
    items.map((item) => argumentText(item, names)).join(",");
  switch (argument.kind) {
    case "node":
      return `#${names.node(argument)}`;
    case "data":
      return primitiveText(argument.value);
    case "bytes":
      return `b${dataName(argument.bytes)}`;
    case "function":
      return `f${argument.function.id}`;
    case "lazy":
      return `z${names.lazy(argument.lazy)}`;
    case "list":
      return `[${all(argument.items)}]`;
    case "record":
      return `{${JSON.stringify(argument.keys)}:${all(argument.items)}}`;
    case "map":
      return `m{${all(argument.keys)}:${all(argument.items)}}`;
    case "set":
      return `s{${all(argument.items)}}`;
    case "unseen":
      return `u${JSON.stringify(argument.salt)}[${all(argument.items)}]`;
    default:
      return unreachable(argument);
  }
}

function primitiveText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}
