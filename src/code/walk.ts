import type { CodeModule } from "../backend/shipped-function.ts";
import { present } from "../base/assert.ts";
import { nameOfBytes } from "../base/content-name.ts";
import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { wellKnownName } from "./built-ins.ts";
import { functionNode } from "./capture-function.ts";
import { objectNode } from "./capture-object.ts";
import type { BytesSlot, Graph, GraphNode, Slot } from "./graph.ts";
import { nameShared, reachedFrom } from "./identity.ts";
import { cannotShip, type Refusal, type Trail } from "./trail.ts";
import type { WalkContext } from "./walk-context.ts";

/** Captured data from this size on is stored once by content, apart from the graph. */
export const blobBytesMin: number = 64 * 1024;
const functionsMax = 400;
const capturedBytesMax = 512 * 1024 * 1024;

interface Pending {
  readonly id: number;
  readonly value: object;
  readonly trail: Trail;
  readonly describe: (() => GraphNode) | undefined;
}

/** One capture: turns a function and all it reaches into a graph. The walk is a queue, so depth costs no stack. */
export class Walk implements WalkContext {
  readonly modules: Map<ContentName, CodeModule> = new Map();
  readonly blobs: Map<ContentName, Uint8Array> = new Map();
  readonly recreates: boolean;
  definedAt = "";
  readonly #where: string;
  readonly #ids = new Map<object, number>();
  readonly #nodes: (GraphNode | undefined)[] = [];
  #pending: Pending[] = [];
  readonly #packed: { readonly id: number; readonly trail: Trail }[] = [];
  /** How each object of the graph was come to; kept only for explaining. */
  readonly trails: Trail[] = [];
  readonly #explains: boolean;
  #functions = 0;
  #bytes = 0;

  constructor(options: {
    readonly where: string;
    readonly recreate?: boolean;
    readonly explains?: boolean;
  }) {
    this.#where = options.where;
    this.#explains = options.explains ?? false;
    this.recreates = options.recreate ?? false;
  }

  /** The graph of `root`; throws CANNOT_SHIP. */
  run(root: object, trail: Trail): Graph {
    const slot = this.slot(root, trail);
    for (let round = this.#take(); round.length > 0; round = this.#take()) {
      for (const { id, value, trail: at, describe } of round) {
        const node = describe
          ? describe()
          : typeof value === "function"
            ? functionNode(this, value, at, id === 0)
            : objectNode(this, value, at);
        this.#nodes[id] = node;
        if (node.kind === "packed") this.#packed.push({ id, trail: at });
        if (this.#explains) this.trails[id] = at;
      }
    }
    const nodes = this.#nodes.map((node) => present(node, "a node of the graph"));
    this.#refusePackedCycles(nodes);
    const graph = { root: slot, nodes };
    nameShared(graph, [...this.#ids.keys()]);
    return graph;
  }

  /** An instance is made of its data, so the data must be there first. */
  #refusePackedCycles(nodes: readonly GraphNode[]): void {
    for (const { id, trail } of this.#packed) {
      const node = nodes[id];
      const data = node?.kind === "packed" ? node.data : null;
      if (typeof data !== "object" || data === null || !("ref" in data)) continue;
      if (!reachedFrom(nodes, data.ref).includes(id)) continue;
      this.refuse(trail, {
        problem: "what its class packed holds the instance itself",
        fix: "pack a key or a copy in place of what refers back to the instance",
      });
    }
  }

  #take(): Pending[] {
    const round = this.#pending;
    this.#pending = [];
    return round;
  }

  slot(value: unknown, trail: Trail): Slot {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is left are objects
    switch (typeof value) {
      case "boolean":
        return value;
      case "string":
        return this.#string(value);
      case "number":
        if (Number.isFinite(value) && !Object.is(value, -0)) return value;
        return { number: Object.is(value, -0) ? "-0" : String(value) };
      case "undefined":
        return { undefined: 1 };
      case "bigint":
        return { bigint: String(value) };
      case "symbol":
        return this.#symbol(value, trail);
      default:
        return value === null ? null : { ref: this.#id(value as object, trail) };
    }
  }

  slotAs(value: object, trail: Trail, describe: () => GraphNode): Slot {
    return { ref: this.#id(value, trail, describe) };
  }

  canCopy(value: object): boolean {
    try {
      new Walk({ where: this.#where, recreate: true }).run(value, {
        parent: undefined,
        label: "",
        step: "",
      });
      return true;
    } catch (error) {
      if (isLambdaskError(error, "CANNOT_SHIP")) return false;
      throw error;
    }
  }

  #id(value: object, trail: Trail, describe?: () => GraphNode): number {
    let id = this.#ids.get(value);
    if (id === undefined) {
      id = this.#nodes.length;
      this.#nodes.push(undefined);
      this.#ids.set(value, id);
      this.#pending.push({ id, value, trail, describe });
    }
    return id;
  }

  #string(value: string): Slot {
    if (value.length < blobBytesMin) return value;
    // UTF-8 cannot hold half a surrogate pair.
    const encoding = value.isWellFormed() ? "utf8" : "utf16le";
    return { blob: this.blob(Buffer.from(value, encoding)), encoding };
  }

  #symbol(value: symbol, trail: Trail): Slot {
    const key = Symbol.keyFor(value);
    if (key !== undefined) return { symbol: key };
    const wellKnown = wellKnownName(value);
    if (wellKnown !== undefined) return { wellKnown };
    return this.refuse(trail, {
      problem: `${String(value)} is a symbol that only this process has`,
      fix: `use Symbol.for(${JSON.stringify(value.description ?? "name")})`,
    });
  }

  bytes(bytes: Uint8Array): BytesSlot {
    if (bytes.byteLength >= blobBytesMin) return { blob: this.blob(bytes) };
    const { buffer, byteOffset, byteLength } = bytes;
    this.#bytes += byteLength;
    return { base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  }

  /** Keeps a copy of `bytes` as it is now, under its content name. */
  blob(bytes: Uint8Array): ContentName {
    const hash = nameOfBytes(bytes);
    if (!this.blobs.has(hash)) {
      this.#bytes += bytes.byteLength;
      if (this.#bytes > capturedBytesMax) {
        throw new LambdaskError("LIMIT", {
          message: `${this.#where}: the function captures more than ${capturedBytesMax} bytes of data`,
          fix: "make a collection of the data, or write it to a file that the function reads",
        });
      }
      this.blobs.set(hash, Uint8Array.from(bytes));
    }
    return hash;
  }

  /** Bytes of captured data, without the graph itself. */
  get capturedBytes(): number {
    return this.#bytes;
  }

  module(module: CodeModule): ContentName {
    this.modules.set(module.hash, module);
    return module.hash;
  }

  countFunction(trail: Trail): void {
    if (++this.#functions <= functionsMax) return;
    this.refuse(trail, {
      problem: `more than ${functionsMax} functions would have to be sent`,
      fix: "export the helpers from a module of their own and import it: then the worker imports it too",
    });
  }

  refuse(trail: Trail, refusal: Refusal): never {
    throw cannotShip(this.#where, trail, refusal);
  }
}
