import { present } from "../../base/assert.ts";
import type { NodeOptions } from "../../code/lazy/node.ts";
import type { InternedGraph } from "./intern.ts";

/** Nodes that run one after another in one task, each taking the result of the one before. */
interface ChainTask {
  readonly nodes: number[];
}

/** Tasks of a graph that want the same treatment and can be one stage. */
export interface TaskGroup {
  readonly options: NodeOptions;
  readonly tasks: ChainTask[];
}

/** How the nodes of a graph are spread over stages. Groups come after the groups they read. */
export interface TaskGroups {
  readonly groups: readonly TaskGroup[];
  /** Per node, its group, and its task's number there. */
  readonly groupOf: Uint32Array;
  readonly taskOf: Uint32Array;
}

/** Longer chains are cut, so that a lost worker costs few calls. */
const chainLengthMax = 32;

/**
 * Linear chains become one task each; a chain never goes on behind a node that is a target, is read by others, or has
 * effects: these would happen again when a call behind it fails. Tasks with
 * the same options are one group, as far as groups then do not read each other in a circle.
 */
export function groupTasks(graph: InternedGraph, targets: ReadonlySet<number>): TaskGroups {
  const keys = graph.options.map(optionsKey);
  const chains = chainNodes(graph, keys, targets);
  const levels = new Uint32Array(graph.nodes.length);
  const byKey = new Map<string, TaskGroup & { readonly level: number }>();
  const members: (TaskGroup & { readonly level: number })[] = [];
  const taskOf = new Uint32Array(graph.nodes.length);
  for (const [node, dependencies] of graph.dependencies.entries()) {
    const key = present(keys[node], "a node's options");
    let level = 0;
    for (const dependency of dependencies) {
      // What a collection of another kind is made of must be known before that collection is.
      const isFar = graph.through.get(node)?.has(dependency) ?? false;
      const step = keys[dependency] === key && !isFar ? 0 : 1;
      level = Math.max(level, (levels[dependency] ?? 0) + step);
    }
    levels[node] = level;
    const chain = chains[node];
    if (chain === undefined) continue;
    const id = `${level}|${key}`;
    let group = byKey.get(id);
    if (!group) {
      group = { options: present(graph.options[node], "options"), tasks: [], level };
      byKey.set(id, group);
    }
    const task = group.tasks.push(chain) - 1;
    for (const member of chain.nodes) {
      members[member] = group;
      taskOf[member] = task;
    }
  }
  const groups = [...byKey.values()].sort((a, b) => a.level - b.level);
  const numbers = new Map(groups.map((group, number) => [group, number]));
  const groupOf = Uint32Array.from(members, (group) => numbers.get(group) ?? 0);
  return { groups, groupOf, taskOf };
}

/** Per node that ends a chain, the chain; nothing for nodes inside one. */
function chainNodes(
  graph: InternedGraph,
  keys: readonly string[],
  targets: ReadonlySet<number>,
): (ChainTask | undefined)[] {
  const readers = new Uint32Array(graph.nodes.length);
  for (const dependencies of graph.dependencies) {
    for (const dependency of dependencies) readers[dependency] = (readers[dependency] ?? 0) + 1;
  }
  const chains: (ChainTask | undefined)[] = [];
  for (const [node, dependencies] of graph.dependencies.entries()) {
    const before = dependencies[0];
    const chain = before === undefined ? undefined : chains[before];
    const joins =
      before !== undefined &&
      chain !== undefined &&
      dependencies.length === 1 &&
      !graph.through.has(node) &&
      readers[before] === 1 &&
      !targets.has(before) &&
      graph.nodes[before]?.nonce === "" &&
      keys[before] === keys[node] &&
      chain.nodes.length < chainLengthMax;
    if (joins) {
      chain.nodes.push(node);
      chains[before] = undefined;
      chains.push(chain);
    } else chains.push({ nodes: [node] });
  }
  return chains;
}

function optionsKey(options: NodeOptions): string {
  const { retries, priority, memoryBytes, timeoutMs, span } = options;
  return `${retries ?? ""}|${priority ?? ""}|${memoryBytes ?? ""}|${timeoutMs ?? ""}|${span ?? ""}`;
}
