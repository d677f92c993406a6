import { present, unreachable } from "../../base/assert.ts";
import { nameOfBytes } from "../../base/content-name.ts";
import type { LazyArgument, LazyNode, NodeOptions } from "../../code/lazy/node.ts";
import { collectNodes, visitNodes } from "../../code/lazy/visit-nodes.ts";

/** A delayed graph in which equal calls are one: node `i` needs only nodes below `i`. */
export interface InternedGraph {
  readonly nodes: readonly LazyNode[];
  /** Per node, the nodes it takes, each once, in order. */
  readonly dependencies: readonly (readonly number[])[];
  /** Per node, what was asked of any of the calls that are now one. */
  readonly options: readonly NodeOptions[];
  position(node: LazyNode): number;
}

/** The graph that `targets` reach. */
export function internGraph(targets: readonly LazyNode[]): InternedGraph {
  const positions = new Map<LazyNode, number>();
  const byKey = new Map<string, number>();
  const lazies = new Map<object, number>();
  const nodes: LazyNode[] = [];
  const dependencies: number[][] = [];
  const options: NodeOptions[] = [];
  const position = (node: LazyNode): number => present(positions.get(node), "a node's position");
  visitNodes(targets, (node) => {
    const key = nodeText(node, { position, lazies });
    const equal = byKey.get(key);
    if (equal !== undefined) {
      positions.set(node, equal);
      options[equal] = mergeOptions(present(options[equal], "options"), node.options);
      return;
    }
    const next = nodes.push(node) - 1;
    positions.set(node, next);
    byKey.set(key, next);
    dependencies.push(distinctPositions(node, position));
    options.push(node.options);
  });
  return { nodes, dependencies, options, position };
}

function distinctPositions(node: LazyNode, position: (node: LazyNode) => number): number[] {
  const found: LazyNode[] = [];
  for (const argument of node.arguments) collectNodes(argument, found);
  const positions = found.map(position);
  if (positions.length < 2 || (positions.length === 2 && positions[0] !== positions[1])) {
    return positions;
  }
  return [...new Set(positions)];
}

interface Names {
  position(node: LazyNode): number;
  readonly lazies: Map<object, number>;
}

/** A text that equal nodes share. */
function nodeText(node: LazyNode, names: Names): string {
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

function argumentText(argument: LazyArgument, names: Names): string {
  const all = (items: readonly LazyArgument[]): string =>
    items.map((item) => argumentText(item, names)).join(",");
  switch (argument.kind) {
    case "node":
      return `#${names.position(argument)}`;
    case "data":
      return primitiveText(argument.value);
    case "bytes":
      return `b${nameOfBytes(argument.bytes)}`;
    case "function":
      return `f${argument.function.id}`;
    case "lazy":
      return `z${lazyNumber(argument.lazy, names.lazies)}`;
    case "list":
      return `[${all(argument.items)}]`;
    case "record":
      return `{${JSON.stringify(argument.keys)}:${all(argument.items)}}`;
    case "map":
      return `m{${all(argument.keys)}:${all(argument.items)}}`;
    case "set":
      return `s{${all(argument.items)}}`;
    default:
      return unreachable(argument);
  }
}

function primitiveText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function lazyNumber(lazy: object, lazies: Map<object, number>): number {
  let number = lazies.get(lazy);
  if (number === undefined) {
    number = lazies.size;
    lazies.set(lazy, number);
  }
  return number;
}

function mergeOptions(a: NodeOptions, b: NodeOptions): NodeOptions {
  if (a === b) return a;
  const most = (x?: number, y?: number): number | undefined =>
    x === undefined ? y : y === undefined ? x : Math.max(x, y);
  const merged = {
    name: a.name ?? b.name,
    retries: most(a.retries, b.retries),
    priority: most(a.priority, b.priority),
    memoryBytes: most(a.memoryBytes, b.memoryBytes),
    timeoutMs: most(a.timeoutMs, b.timeoutMs),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
