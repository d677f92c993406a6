import { present } from "../base/assert.ts";
import type { ContentName } from "../base/ids.ts";
import { importsOfModule } from "./emitted-code.ts";
import {
  type Binding,
  type FunctionNode,
  type Graph,
  type GraphNode,
  referencesOf,
  type Slot,
} from "./graph.ts";
import { builtInName } from "./instances.ts";
import { pathOf } from "./trail.ts";
import type { Walk } from "./walk.ts";

/** Something that is copied as it is at the call. */
export interface CapturedThing {
  /** The way to it: `limits`, or `clean › limits` for a variable of a function that is captured in turn. */
  readonly path: string;
  /** `function`, `class`, `number`, `array`, … */
  readonly what: string;
  readonly bytes: number;
}

/** Something that the worker gets for itself. */
export interface ReferencedThing {
  readonly path: string;
  readonly what: "import" | "built-in" | "made in the worker" | "read in the worker";
  /** Package and version, content of a local module, or the name of a built-in or variable. */
  readonly identity: string;
}

/** The things of a graph, in the order in which they were met, data with all that it holds. */
export function sortThings(
  graph: Graph,
  walk: Walk,
): { copied: CapturedThing[]; referenced: ReferencedThing[] } {
  const sorting = new Sorting(graph, walk);
  graph.nodes.forEach((node, id) => {
    sorting.take(node, id);
  });
  return sorting;
}

class Sorting {
  readonly copied: CapturedThing[] = [];
  readonly referenced: ReferencedThing[] = [];
  readonly #nodes: readonly GraphNode[];
  readonly #walk: Walk;
  readonly #counted = new Set<number>();

  constructor(graph: Graph, walk: Walk) {
    this.#nodes = graph.nodes;
    this.#walk = walk;
  }

  take(node: GraphNode, id: number): void {
    const path = pathOf(this.#walk.trails[id]);
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- data counts where something holds it
    switch (node.kind) {
      case "import":
        this.referenced.push({ path, what: "import", identity: node.identity });
        return;
      case "built-in":
        this.referenced.push({ path, what: "built-in", identity: builtInName(node.path) });
        return;
      case "secret":
        this.referenced.push({ path, what: "read in the worker", identity: node.name });
        return;
      case "per-worker":
      case "recreated":
        this.referenced.push({ path, what: "made in the worker", identity: "" });
        return;
      case "function":
        this.#function(node, path);
        this.#dataOf(node);
        return;
      case "bound":
        this.copied.push({ path: path || "the function", what: "bound", bytes: sizeOf(node) });
        this.#dataOf(node);
        return;
      case "packed":
        this.copied.push({ path, what: "instance", bytes: sizeOf(node) });
        this.#dataOf(node);
        return;
      default:
        return;
    }
  }

  #function(node: FunctionNode, path: string): void {
    const module = present(this.#walk.modules.get(node.module), "a function's code");
    const what = node.isClass ? "class" : "function";
    this.copied.push({
      path: path || "the function",
      what,
      bytes: Buffer.byteLength(module.text.trimStart()),
    });
    for (const { name, identity } of importsOfModule(module)) {
      this.referenced.push({ path: below(path, name), what: "import", identity });
    }
    for (const binding of [...(node.definition ?? []), ...(node.environment ?? [])]) {
      this.#primitive(binding, path);
    }
  }

  #primitive([name, slot]: Binding, path: string): void {
    if (isReference(slot)) return;
    const [what, bytes] = primitive(slot, (hash) => this.#walk.blobs.get(hash)?.byteLength ?? 0);
    this.copied.push({ path: below(path, name), what, bytes });
  }

  /** The data that `node` holds and nothing before it did. */
  #dataOf(node: GraphNode): void {
    referencesOf(node, (id) => {
      const first = this.#nodes[id];
      if (!first || !isData(first) || this.#counted.has(id)) return;
      const path = pathOf(this.#walk.trails[id]);
      this.copied.push({ path, what: kindOf(first), bytes: this.#bytesFrom(id) });
    });
  }

  #bytesFrom(root: number): number {
    const open = [root];
    let bytes = 0;
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const node = this.#nodes[id];
      if (!node || !isData(node) || this.#counted.has(id)) continue;
      this.#counted.add(id);
      bytes += sizeOf(node) + this.#large(node);
      referencesOf(node, (next) => open.push(next));
    }
    return bytes;
  }

  #large(node: GraphNode): number {
    if (!("bytes" in node) || !("blob" in node.bytes)) return 0;
    return this.#walk.blobs.get(node.bytes.blob)?.byteLength ?? 0;
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path} › ${name}`;
}

function isReference(slot: Slot): boolean {
  return typeof slot === "object" && slot !== null && ("ref" in slot || "prototypeOf" in slot);
}

const notData = new Set([
  "function",
  "import",
  "built-in",
  "bound",
  "per-worker",
  "recreated",
  "secret",
  "packed",
]);

function isData(node: GraphNode): boolean {
  return !notData.has(node.kind);
}

function sizeOf(node: GraphNode): number {
  return Buffer.byteLength(JSON.stringify(node));
}

function primitive(slot: Slot, blobBytes: (hash: ContentName) => number): [string, number] {
  if (typeof slot !== "object" || slot === null) {
    return [slot === null ? "null" : typeof slot, Buffer.byteLength(JSON.stringify(slot))];
  }
  if ("blob" in slot) return ["string", blobBytes(slot.blob)];
  const [kind = "undefined"] = Object.keys(slot);
  return [kind === "wellKnown" ? "symbol" : kind, Buffer.byteLength(JSON.stringify(slot))];
}

function kindOf(node: GraphNode): string {
  if (node.kind === "numbers" || node.kind === "primitives") return "array";
  if (node.kind === "view") return node.type;
  const isInstance = node.kind === "object" && node.prototype !== undefined;
  return isInstance && node.prototype !== null ? "instance" : node.kind;
}
