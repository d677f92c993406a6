import { present } from "../../base/assert.ts";
import { nameOf } from "../../base/content-name.ts";
import { decodeValue } from "../../chunk/value-codec.ts";
import { encodeCall, FunctionTable, type LeafWriter } from "../../code/lazy/encode-argument.ts";
import { functionLabel } from "../../code/lazy/function-label.ts";
import type { CallArgument, GraphCall } from "../../code/lazy/graph-call.ts";
import type { LazyArgument, LazyNode } from "../../code/lazy/node.ts";
import { forEachLeaf } from "../../code/lazy/visit-nodes.ts";
import { broadcast, type Expr, impureNonce } from "../../plan/expr.ts";
import type { PackedBytes } from "../../plan/stage.ts";
import type { LazyWork } from "../collection.ts";
import { type GraphSurroundings, surroundings } from "./behind-lazies.ts";
import { graphExpr, literalExpr } from "./graph-expr.ts";
import { type InternedGraph, internGraph } from "./intern.ts";
import { LargeData, type LargeDatum, ownDataBytesMax } from "./large-data.ts";
import { settledWorks } from "./late-nodes.ts";
import { placeOfWork, placesOfLazies } from "./lazy-places.ts";
import { AdjacencyBuilder, KeyedEncoder, packBytes, valueChunk } from "./pack.ts";
import type { Place } from "./place.ts";
import { TaskInputs } from "./task-inputs.ts";
import { groupTasks, type TaskGroup, type TaskGroups } from "./tasks.ts";

/** The expressions behind delayed nodes: one per group of like tasks, so a million calls are a few objects. */
function placesOf(targets: readonly LazyNode[], nonce: string): Place[] {
  const around = surroundings(targets);
  const roots = [...targets, ...[...around.behind.values()].flat()];
  const graph = internGraph(roots, around);
  const made = roots.filter((root) => !around.kept.has(root));
  const grouped = groupTasks(graph, new Set(made.map(graph.position)));
  const exprs: Expr[] = [];
  const placeOf = (node: LazyNode): Place => {
    const known = outside.place(node);
    if (known) return known;
    const position = graph.position(node);
    const expr = present(exprs[present(grouped.groupOf[position], "a node's group")], "a group");
    return { expr, index: present(grouped.taskOf[position], "a node's task") };
  };
  const outside = new OutsideChunks(graph.nodes, around, { nonce, placeOf });
  for (const [number, group] of grouped.groups.entries()) {
    exprs.push(new GroupBuilder({ graph, grouped, outside, exprs, number, nonce }).build(group));
  }
  return targets.map(placeOf);
}

/** The works behind delayed nodes, looked at together. With a nonce, all of it is of this run only. */
export function worksOfNodes(nodes: readonly LazyNode[], nonce = ""): LazyWork[] {
  return placesOf(nodes, nonce).map((place, i) => workAt(place, present(nodes[i], "a node")));
}

function workAt({ expr, index }: Place, node: LazyNode): LazyWork {
  return {
    expr,
    node,
    indexes: { kind: "list", indexes: Uint32Array.of(index) },
    assemble: ([value]) => value,
    asArgument: "chunk",
  };
}

/** Chunks that delayed calls take and that are no delayed calls: large data, and other collections. */
class OutsideChunks {
  readonly #places = new Map<unknown, Place>();
  readonly #behind: GraphSurroundings["behind"];
  readonly #placeOf: (node: LazyNode) => Place;

  /** `placeOf` tells where the result of a call is, once the group that it is in was built. */
  constructor(
    nodes: readonly LazyNode[],
    around: GraphSurroundings,
    { nonce, placeOf }: { readonly nonce: string; readonly placeOf: (node: LazyNode) => Place },
  ) {
    this.#behind = around.behind;
    this.#placeOf = placeOf;
    for (const [node, work] of around.kept) this.#places.set(node, placeOfWork(work));
    const large = new LargeData();
    const lazies = new Set<object>();
    for (const node of nodes) {
      for (const argument of node.arguments) {
        forEachLeaf(argument, (leaf) => {
          if (leaf.kind === "lazy") lazies.add(leaf.lazy);
          if (leaf.kind === "bytes" && leaf.bytes.length > ownDataBytesMax) large.add(leaf.bytes);
        });
      }
    }
    const { once, often } = large.split();
    this.#placeData(once, (chunks) => literalExpr(chunks, nonce));
    this.#placeData(often, (chunks) => broadcast(literalExpr(chunks, nonce)));
    const now = [...lazies].filter((lazy) => !around.behind.has(lazy));
    const places = placesOfLazies(now, where);
    for (const [i, place] of places.entries()) this.#places.set(now[i], place);
  }

  /**
   * Where `key` is: the bytes or the collection of an argument, or a call whose result is kept; `undefined` for data
   * that stays in the call, and for other calls.
   */
  place(key: unknown): Place | undefined {
    return this.#places.get(key) ?? this.#placeLate(key);
  }

  /** A collection with calls behind it is placed when one reads it: then these calls are. */
  #placeLate(key: unknown): Place | undefined {
    if (this.#behind.size === 0 || !this.#behind.has(key as object)) return undefined; // Keys of a map may be anything.
    const settle = (works: readonly LazyWork[]): LazyWork[] =>
      settledWorks(works, (nodes) => nodes.map((node) => workAt(this.#placeOf(node), node)));
    const place = present(placesOfLazies([key], where, settle)[0], "a place");
    this.#places.set(key, place);
    return place;
  }

  #placeData(data: readonly LargeDatum[], exprOf: (chunks: PackedBytes) => Expr): void {
    if (data.length === 0) return;
    const chunks = data.map(({ bytes }) => valueChunk(decodeValue(bytes)));
    const expr = exprOf(packBytes(chunks));
    for (const [index, { keys }] of data.entries()) {
      for (const key of keys) this.#places.set(key, { expr, index });
    }
  }
}

const where = "an argument of delayed work";

interface GroupContext {
  readonly graph: InternedGraph;
  readonly grouped: TaskGroups;
  readonly outside: OutsideChunks;
  /** Of the groups before this one. */
  readonly exprs: readonly Expr[];
  /** This group's own. */
  readonly number: number;
  readonly nonce: string;
}

/** Writes the tasks of one group: what they call, and which chunks of which expressions they read. */
class GroupBuilder {
  readonly #context: GroupContext;
  readonly #functions = new FunctionTable();
  readonly #encoder = new KeyedEncoder();
  readonly #self = new AdjacencyBuilder();
  readonly #children: { readonly expr: Expr; readonly chunks: AdjacencyBuilder }[] = [];
  readonly #childNumbers = new Map<Expr, number>();

  constructor(context: GroupContext) {
    this.#context = context;
  }

  build(group: TaskGroup): Expr {
    const { graph, nonce } = this.#context;
    for (const task of group.tasks) {
      for (const node of task.nodes) this.#findChildren(present(graph.nodes[node], "a node"));
    }
    const own = group.tasks.map((task) => this.#task(task.nodes));
    const nodes = group.tasks.flatMap((task) => task.nodes);
    const nonces = nodes.map((node) => graph.nodes[node]?.nonce).filter((given) => given !== "");
    return graphExpr({
      params: {
        label: labelOf(nodes, graph),
        count: group.tasks.length,
        own: packBytes(own),
        self: this.#self.finish(),
        children: this.#children.map(({ chunks }) => chunks.finish()),
        ...saltOf(nodes, graph),
      },
      children: this.#children.map(({ expr }) => expr),
      functions: this.#functions.list,
      options: group.options,
      nonce: nonces.length === 0 ? nonce : impureNonce(nameOf(nonces)),
    });
  }

  /** Makes sure that every expression that `node` reads has a slot. */
  #findChildren(node: LazyNode): void {
    for (const argument of node.arguments) {
      forEachLeaf(argument, (leaf) => {
        const place = this.#place(leaf);
        if (place && place.expr !== "self" && !this.#childNumbers.has(place.expr)) {
          const child = { expr: place.expr, chunks: new AdjacencyBuilder() };
          this.#childNumbers.set(place.expr, this.#children.push(child) - 1);
        }
      });
    }
  }

  /** Where a leaf's chunk is, if it is one. */
  #place(leaf: LazyArgument): { readonly expr: Expr | "self"; readonly index: number } | undefined {
    const { graph, grouped, outside, exprs, number } = this.#context;
    if (leaf.kind === "bytes") return outside.place(leaf.bytes);
    if (leaf.kind === "lazy") return outside.place(leaf.lazy);
    if (leaf.kind !== "node") return undefined;
    const kept = outside.place(leaf);
    if (kept) return kept;
    const node = graph.position(leaf);
    const group = present(grouped.groupOf[node], "a node's group");
    const index = present(grouped.taskOf[node], "a node's task");
    return { expr: group === number ? "self" : present(exprs[group], "an earlier group"), index };
  }

  /** The calls of one task, encoded; its inputs are added to the adjacencies. */
  #task(nodes: readonly number[]): Uint8Array {
    const { graph } = this.#context;
    const inputs = new TaskInputs(this.#children.length + 1);
    for (const node of nodes) {
      for (const argument of present(graph.nodes[node], "a node").arguments) {
        forEachLeaf(argument, (leaf) => {
          if (leaf.kind === "node" && this.#isIn(nodes, leaf)) return;
          const place = this.#place(leaf);
          if (place) inputs.add(this.#slot(place.expr), place.index);
        });
      }
    }
    const leaves: LeafWriter = {
      functions: this.#functions,
      node: (node) =>
        this.#isIn(nodes, node)
          ? ["result", nodes.indexOf(graph.position(node))]
          : this.#input(node, inputs),
      lazy: (lazy) => this.#input({ kind: "lazy", lazy }, inputs),
      data: (leaf) => (this.#place(leaf) ? this.#input(leaf, inputs) : ["bytes", leaf.bytes]),
    };
    const calls = nodes.map((node) => encodeCall(present(graph.nodes[node], "a node"), leaves));
    this.#self.add(inputs.chunks(0));
    for (const [i, child] of this.#children.entries()) child.chunks.add(inputs.chunks(i + 1));
    return this.#encoder.encode(calls, shapeOf(calls));
  }

  /** True if the node is one of these calls. */
  #isIn(nodes: readonly number[], node: LazyNode): boolean {
    const { graph, outside } = this.#context;
    return outside.place(node) === undefined && nodes.includes(graph.position(node));
  }

  #slot(expr: Expr | "self"): number {
    return expr === "self" ? 0 : present(this.#childNumbers.get(expr), "a child's slot") + 1;
  }

  #input(leaf: LazyArgument, inputs: TaskInputs): CallArgument {
    const { expr, index } = present(this.#place(leaf), "an argument's place");
    return ["input", inputs.position(this.#slot(expr), index)];
  }
}

/** A text that tells apart calls of different encodings, for calls that hold no data; else nothing. */
function shapeOf(calls: readonly GraphCall[]): string | undefined {
  let text = "";
  for (const [kind, what, values, hasEffects] of calls) {
    text += `${kind} ${what}${hasEffects ? "!" : ""}`;
    for (const value of values) {
      if (value[0] !== "input" && value[0] !== "result") return undefined;
      text += `,${value[0]}${value[1]}`;
    }
    text += ";";
  }
  return text;
}

/** What tells the calls apart that `clone` and `bind` have made of others. */
function saltOf(nodes: readonly number[], graph: InternedGraph): { readonly salt?: string } {
  const salts: string[] = [];
  for (const [at, node] of nodes.entries()) {
    const last = graph.nodes[node]?.arguments.at(-1);
    if (last?.kind === "unseen" && last.salt !== "") salts.push(`${at}:${last.salt}`);
  }
  return salts.length === 0 ? {} : { salt: nameOf(salts) };
}

const labelFunctionsMax = 3;

/** What people call the stage: the names of its functions, if there are few. */
function labelOf(nodes: readonly number[], graph: InternedGraph): string {
  const names = new Set<string>();
  for (const node of nodes) {
    const { action } = present(graph.nodes[node], "a node");
    const given = graph.options[node]?.name;
    if (given !== undefined) names.add(given);
    else if (action.kind === "call") names.add(functionLabel(action.function));
    if (names.size > labelFunctionsMax) return "delayed";
  }
  return names.size === 0 ? "delayed" : [...names].join(" → ");
}
