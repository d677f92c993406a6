import type { CodeModule } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import { noteArrived, noteArrivedImport } from "./arrived.ts";
import { type Blobs, emptyObject, makeView, type PlainSlot, plainValue } from "./build-data.ts";
import { resolveBuiltIn } from "./built-in-path.ts";
import { defineSlots, setIntegrity, setVariables } from "./fill.ts";
import type { FunctionNode, Graph, GraphNode, ImportNode, Slot } from "./graph.ts";
import { reachedFrom } from "./identity.ts";
import { mismatch } from "./mismatch.ts";
import { unpack } from "./packed.ts";
import { makeOnce, makerKey } from "./per-worker.ts";
import { makeSecret } from "./secret.ts";
import type { SharedNodes } from "./shared-nodes.ts";

/** What a graph is built with. */
export interface BuildParts {
  /** Default exports of the code modules. */
  readonly modules: ReadonlyMap<ContentName, unknown>;
  /** The code modules themselves. */
  readonly code: readonly CodeModule[];
  readonly blobs: Blobs;
  readonly shared: SharedNodes;
}

type SetVariables = (variables: object) => void;
type PrivateSetters = Readonly<Record<string, (value: unknown) => void>>;
type CodeFactory = (
  given?: object,
) => readonly [made: object, set: SetVariables, privates?: PrivateSetters];

/**
 * Builds the objects of one graph: first each on its own, then what they hold, so that cycles close. Only a class
 * needs others complete before it can be made, namely what it uses while it is defined; what those need of the class
 * itself is filled in after it.
 */
export class GraphBuild {
  readonly #nodes: readonly GraphNode[];
  readonly #parts: BuildParts;
  readonly #values: unknown[] = [];
  readonly #state: ("making" | "made" | "filled" | undefined)[] = [];
  readonly #setters = new Map<
    number,
    { set: SetVariables; privates: PrivateSetters | undefined }
  >();
  #misses = 0;

  constructor(graph: Graph, parts: BuildParts) {
    this.#nodes = graph.nodes;
    this.#parts = parts;
  }

  /** The value of `root`, complete. */
  run(root: Slot): unknown {
    const { shared } = this.#parts;
    shared.take(this.#nodes, (id, value) => {
      this.#values[id] = value;
      this.#state[id] = "filled";
    });
    for (let id = 0; id < this.#nodes.length; id++) this.#make(id);
    for (let id = 0; id < this.#nodes.length; id++) this.#fill(id);
    shared.keep(this.#nodes, this.#values);
    return this.#value(root);
  }

  #value(slot: Slot): unknown {
    if (typeof slot !== "object" || slot === null) return slot;
    if ("ref" in slot) return this.#at(slot.ref);
    if ("prototypeOf" in slot) {
      const owner = this.#at(slot.prototypeOf);
      return typeof owner === "function" ? owner.prototype : undefined;
    }
    return plainValue(slot as PlainSlot, this.#parts.blobs);
  }

  #at(id: number): unknown {
    const state = this.#state[id];
    if (state === undefined || state === "making") this.#misses++;
    return this.#values[id];
  }

  #make(id: number): void {
    if (this.#state[id] !== undefined) return;
    const node = this.#nodes[id];
    if (!node) throw mismatch("the graph names an object that it does not hold");
    this.#state[id] = "making";
    this.#values[id] = emptyObject(node, this.#parts.blobs) ?? this.#special(node, id);
    this.#state[id] = "made";
  }

  #special(node: GraphNode, id: number): unknown {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are made by emptyObject
    switch (node.kind) {
      case "function":
        return this.#function(node, id);
      case "import":
        return this.#import(node);
      case "built-in":
        return resolveBuiltIn(node.path);
      case "bound": {
        for (const slot of [node.target, node.self, ...node.arguments]) this.#makeSlot(slot);
        const target = this.#value(node.target);
        if (typeof target !== "function") throw mismatch("a bound function has no target");
        const given = node.arguments.map((slot) => this.#value(slot));
        return Function.prototype.bind.call(target, this.#value(node.self), ...given);
      }
      case "per-worker":
        return makeOnce(() => {
          const make = this.#value(node.maker);
          if (typeof make !== "function") throw mismatch("a per-worker handle has no maker");
          return make();
        });
      case "secret":
        return makeSecret(node.name);
      case "packed":
        return this.#unpack(node);
      case "recreated": {
        this.#complete(node.maker);
        const make = this.#value(node.maker);
        if (typeof make !== "function") throw mismatch("a recreated object has no maker");
        return make();
      }
      case "view":
        this.#makeSlot(node.buffer);
        return makeView(node, this.#value(node.buffer));
      default:
        throw mismatch(`an unknown kind of object: ${node.kind}`);
    }
  }

  #unpack({ maker, data }: GraphNode & { readonly kind: "packed" }): unknown {
    this.#complete(maker);
    this.#complete(data);
    const instance = unpack(this.#value(maker), this.#value(data));
    if (typeof instance === "object" && instance !== null) return instance;
    throw mismatch("a class made no instance of what it had packed");
  }

  #makeSlot(slot: Slot): void {
    const id = nodeOf(slot);
    if (id !== undefined) this.#make(id);
  }

  #function(node: FunctionNode, id: number): object {
    const factory = this.#parts.modules.get(node.module);
    if (typeof factory !== "function") throw mismatch(`the code ${node.module} is missing`);
    const given = Object.create(null) as Record<string, unknown>;
    const early = node.runsAtOnce ? (node.environment ?? []) : [];
    for (const [name, slot] of [...(node.definition ?? []), ...early]) {
      this.#complete(slot);
      given[name] = this.#value(slot);
    }
    const [made, set, privates] = (factory as CodeFactory)(given);
    if (node.name !== undefined && Object.getOwnPropertyDescriptor(made, "name")?.configurable) {
      Object.defineProperty(made, "name", { value: node.name, configurable: true });
    }
    this.#setters.set(id, { set, privates });
    noteArrived(made);
    return made;
  }

  /** Makes and fills all that `slot` reaches, as far as it does not wait for something that is being made. */
  #complete(slot: Slot): void {
    const root = nodeOf(slot);
    if (root === undefined) return;
    const reached = reachedFrom(this.#nodes, root);
    for (const id of reached) if (!this.#waits(id)) this.#make(id);
    for (const id of reached) if (this.#state[id] === "made") this.#fill(id);
  }

  /** True if node `id` cannot be made yet, as the base of a class that is just being made. */
  #waits(id: number): boolean {
    const open = [id];
    const seen = new Set<number>();
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const state = this.#state[at];
      if (state === "making") return true;
      const node = state === undefined ? this.#nodes[at] : undefined;
      for (const slot of node ? neededFirst(node) : none) {
        const needed = nodeOf(slot);
        if (needed !== undefined && !seen.has(needed)) open.push(needed);
        if (needed !== undefined) seen.add(needed);
      }
    }
    return false;
  }

  #import(node: ImportNode): unknown {
    let here: unknown = this.#parts.modules.get(node.module);
    for (const [i, name] of node.path.entries()) {
      const from = Object(here) as object;
      // Not every named export of a CommonJS module is known before it runs.
      const fallback: object =
        i === 0 && !(name in from) ? (Object(Reflect.get(from, "default")) as object) : from;
      here = Reflect.get(fallback, name);
    }
    if (here === undefined)
      throw mismatch(`the import ${node.identity} is not there in the worker`);
    const code = this.#parts.code.find(({ hash }) => hash === node.module);
    if (code) noteArrivedImport(here, { node, code });
    return here;
  }

  #fill(id: number): void {
    if (this.#state[id] !== "made") return;
    const node = this.#nodes[id];
    if (!node) return;
    const missesBefore = this.#misses;
    this.#contents(node, this.#values[id] as object, id);
    if (this.#misses > missesBefore) return;
    this.#state[id] = "filled";
    if ("integrity" in node) setIntegrity(this.#values[id] as object, node.integrity);
  }

  #contents(node: GraphNode, value: object, id: number): void {
    const read = (slot: Slot): unknown => this.#value(slot);
    if (node.kind === "function") {
      const setters = this.#setters.get(id);
      if (setters) setVariables(setters.set, node.environment ?? [], read);
      for (const [name, slot] of node.privates ?? []) setters?.privates?.[name]?.(read(slot));
      if (node.inherits !== undefined) Object.setPrototypeOf(value, read(node.inherits) as object);
    }
    if (node.kind === "per-worker") {
      // So that a task can send on what came with it.
      Object.defineProperty(value, makerKey, { value: read(node.maker) });
    }
    if ("prototype" in node && node.prototype !== null) {
      const prototype = read(node.prototype);
      if (prototype !== undefined) Object.setPrototypeOf(value, prototype as object);
    }
    if (node.kind === "array") {
      node.items?.forEach((slot, i) => {
        const hole = typeof slot === "object" && slot !== null && "hole" in slot;
        if (!hole) Object.defineProperty(value, i, element(read(slot)));
      });
    } else if (node.kind === "map") {
      Map.prototype.clear.call(value);
      const entries = node.entries ?? [];
      for (let i = 0; i + 1 < entries.length; i += 2) {
        Map.prototype.set.call(value, read(entries[i] ?? null), read(entries[i + 1] ?? null));
      }
    } else if (node.kind === "set") {
      Set.prototype.clear.call(value);
      for (const slot of node.entries ?? []) Set.prototype.add.call(value, read(slot));
    }
    if ("properties" in node) defineSlots(value, node.properties, read);
    if (node.kind === "function" && node.prototypeOwn) {
      const { prototype } = value as { prototype?: object };
      if (prototype) defineSlots(prototype, node.prototypeOwn, read);
    }
  }
}

function nodeOf(slot: Slot): number | undefined {
  if (typeof slot !== "object" || slot === null) return undefined;
  return "ref" in slot ? slot.ref : "prototypeOf" in slot ? slot.prototypeOf : undefined;
}

const none: readonly Slot[] = [];

/** What must be there before the object of `node` can be made. */
function neededFirst(node: GraphNode): readonly Slot[] {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others need nothing
  switch (node.kind) {
    case "function":
      return (node.definition ?? []).map(([, slot]) => slot);
    case "bound":
      return [node.target, node.self, ...node.arguments];
    case "packed":
      return [node.maker, node.data];
    case "recreated":
      return [node.maker];
    case "view":
      return [node.buffer];
    default:
      return none;
  }
}

function element(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}
