import type { LazyArgument, LazyNode, UnseenArgument } from "../../code/lazy/node.ts";
import { visitNodes } from "../../code/lazy/visit-nodes.ts";

/** How delayed calls are made again under other names. */
export interface NodeRemaking {
  /** In all new names. */
  readonly salt: string;
  /** The first calls wait for it. */
  readonly after: LazyNode | undefined;
  /** What stays as it is, with all below it. */
  stays(node: LazyNode): boolean;
  /** A collection of another kind made again, or itself if it stays. */
  lazy(lazy: object): object;
}

/** Makes calls again, those that several share once. */
export class NodeRemaker {
  readonly #remaking: NodeRemaking;
  readonly #done = new Map<LazyNode, LazyNode>();

  constructor(remaking: NodeRemaking) {
    this.#remaking = remaking;
  }

  /** `root` under another name, or itself if it stays. */
  remake(root: LazyNode): LazyNode {
    visitNodes([root], (node) => this.#done.set(node, this.#one(node)), {
      isDone: (node) => this.#done.has(node) || this.#remaking.stays(node),
    });
    return this.#of(root);
  }

  #one(node: LazyNode): LazyNode {
    const { salt, after } = this.#remaking;
    const args = node.arguments.map((argument) => this.#argument(argument));
    const isFirst = args.every((argument, i) => argument === node.arguments[i]);
    return { ...node, arguments: [...args, unseen(salt, isFirst && after ? [after] : [])] };
  }

  /** The same object if nothing in it was made again. */
  #argument(argument: LazyArgument): LazyArgument {
    if (argument.kind === "node") return this.#of(argument);
    if (argument.kind === "lazy") {
      const lazy = this.#remaking.lazy(argument.lazy);
      return lazy === argument.lazy ? argument : { kind: "lazy", lazy };
    }
    if (!("items" in argument)) return argument;
    const items = argument.items.map((item) => this.#argument(item));
    const isSame = items.every((item, i) => item === argument.items[i]);
    if (argument.kind !== "map") return isSame ? argument : { ...argument, items };
    const keys = argument.keys.map((key) => this.#argument(key));
    const sameKeys = keys.every((key, i) => key === argument.keys[i]);
    return isSame && sameKeys ? argument : { ...argument, keys, items };
  }

  #of(node: LazyNode): LazyNode {
    return this.#done.get(node) ?? node;
  }
}

/** What a call waits for without seeing it. */
export function unseen(salt: string, items: readonly LazyArgument[]): UnseenArgument {
  return { kind: "unseen", salt, items };
}
