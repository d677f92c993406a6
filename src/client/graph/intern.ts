import { present } from "../../base/assert.ts";
import type { LazyNode, NodeOptions } from "../../code/lazy/node.ts";
import { collectNodes, visitNodes } from "../../code/lazy/visit-nodes.ts";
import { type GraphSurroundings, nodesBehind } from "./behind-lazies.ts";
import { nodeKey } from "./node-keys.ts";
import { type NodeNames, nodeText } from "./node-text.ts";

/** A delayed graph in which equal calls are one: node `i` needs only nodes below `i`. */
export interface InternedGraph {
  readonly nodes: readonly LazyNode[];
  /** Per node, the nodes it takes, each once, in order. */
  readonly dependencies: readonly (readonly number[])[];
  /** Per node, what was asked of any of the calls that are now one. */
  readonly options: readonly NodeOptions[];
  /** Per node that takes collections of other kinds, which of its dependencies are behind these. */
  readonly through: ReadonlyMap<number, ReadonlySet<number>>;
  position(node: LazyNode): number;
}

/** The graph that `targets` reach. */
export function internGraph(
  targets: readonly LazyNode[],
  { kept: outside, behind }: GraphSurroundings,
): InternedGraph {
  const positions = new Map<LazyNode, number>();
  const byKey = new Map<string, number>();
  const lazies = new Map<object, number>();
  const nodes: LazyNode[] = [];
  const dependencies: number[][] = [];
  const options: NodeOptions[] = [];
  const position = (node: LazyNode): number => present(positions.get(node), "a node's position");
  const names: NodeNames = {
    node: (node) => (outside.has(node) ? `kept ${nodeKey(node)}` : String(position(node))),
    lazy: (lazy) => String(lazyNumber(lazy, lazies)),
  };
  const through = new Map<number, ReadonlySet<number>>();
  const inside = (all: readonly LazyNode[]): number[] =>
    (outside.size === 0 ? all : all.filter((node) => !outside.has(node))).map(position);
  const more = behind.size === 0 ? undefined : (node: LazyNode) => nodesBehind(node, behind);
  const visit = (node: LazyNode): void => {
    const key = nodeText(node, names);
    const equal = byKey.get(key);
    if (equal !== undefined) {
      positions.set(node, equal);
      options[equal] = mergeOptions(present(options[equal], "options"), node.options);
      return;
    }
    const next = nodes.push(node) - 1;
    positions.set(node, next);
    byKey.set(key, next);
    const found: LazyNode[] = [];
    for (const argument of node.arguments) collectNodes(argument, found);
    const far = more?.(node) ?? [];
    if (far.length > 0) through.set(next, new Set(inside(far)));
    dependencies.push(distinct(inside([...found, ...far])));
    options.push(node.options);
  };
  visitNodes(targets, visit, {
    isDone: (node) => outside.has(node),
    ...(more === undefined ? {} : { more }),
  });
  return { nodes, dependencies, options, through, position };
}

function distinct(positions: number[]): number[] {
  if (positions.length < 2 || (positions.length === 2 && positions[0] !== positions[1])) {
    return positions;
  }
  return [...new Set(positions)];
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
    span: a.span ?? b.span,
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
