import { present, unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { decodeValue } from "../chunk/value-codec.ts";
import type { LazyArgument } from "../code/lazy/node.ts";
import { forEachLeaf } from "../code/lazy/visit-nodes.ts";
import { type LazyWork, lazyParts, worksOf } from "./collection.ts";
import { settledWorks } from "./graph/late-nodes.ts";
import { nodeWorks } from "./graph/node-works.ts";
import type { WorkResult } from "./work-result.ts";

/** The lazies in some arguments, each once, and the works behind them. */
export interface LazyLeaves {
  /** Nodes, and collections of other kinds. */
  readonly leaves: readonly object[];
  readonly works: readonly LazyWork[];
}

/** What must be computed for `roots`. */
export function leavesOf(roots: readonly LazyArgument[], where: string): LazyLeaves {
  const nodes = new Set<Extract<LazyArgument, { kind: "node" }>>();
  const lazies = new Set<object>();
  for (const root of roots) {
    forEachLeaf(root, (leaf) => {
      if (leaf.kind === "node") nodes.add(leaf);
      else if (leaf.kind === "lazy") lazies.add(leaf.lazy);
    });
  }
  const works = worksOf([...lazies].map((lazy) => lazyParts(lazy, where)));
  return {
    leaves: [...nodes, ...lazies],
    works: settledWorks([...nodeWorks([...nodes]), ...works], nodeWorks),
  };
}

/** The value of `root` with each lazy's value in its place; the first error in it if there is one. */
export function fill(root: LazyArgument, results: ReadonlyMap<object, WorkResult>): WorkResult {
  let failed: WorkResult | undefined;
  forEachLeaf(root, (leaf) => {
    const result = resultOf(leaf, results);
    if (result?.kind === "error") failed ??= result;
  });
  return failed ?? { kind: "value", value: materialise(root, results) };
}

function resultOf(
  leaf: LazyArgument,
  results: ReadonlyMap<object, WorkResult>,
): WorkResult | undefined {
  if (leaf.kind === "node") return present(results.get(leaf), "a lazy's result");
  return leaf.kind === "lazy" ? present(results.get(leaf.lazy), "a lazy's result") : undefined;
}

function materialise(argument: LazyArgument, results: ReadonlyMap<object, WorkResult>): unknown {
  const inner = (item: LazyArgument): unknown => materialise(item, results);
  const items = (all: readonly LazyArgument[]): unknown[] => all.map(inner);
  switch (argument.kind) {
    case "node":
    case "lazy": {
      const result = resultOf(argument, results);
      return result?.kind === "value" ? result.value : undefined;
    }
    case "data":
      return argument.value;
    case "bytes":
      return decodeValue(argument.bytes);
    case "list":
      return items(argument.items);
    case "set":
      return new Set(items(argument.items));
    case "record": {
      const values = items(argument.items);
      return Object.fromEntries(argument.keys.map((key, i) => [key, values[i]]));
    }
    case "map": {
      const values = items(argument.items);
      return new Map(items(argument.keys).map((key, i) => [key, values[i]]));
    }
    case "unseen":
      return undefined;
    case "function":
      throw new LambdaskError("NOT_DATA", {
        message: "a function stands beside delayed work, where a value is needed",
        fix: "leave it out, or call it in a delayed function",
      });
    default:
      return unreachable(argument);
  }
}
