import { present, unreachable } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import { decodeValue } from "../chunk/value-codec.ts";
import {
  type ContainerArgument,
  type LazyArgument,
  type LazyNode,
  wrappedArgument,
} from "../code/lazy/node.ts";
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
  const nodes = new Set<LazyNode>();
  const lazies = new Set<object>();
  for (const root of roots) {
    for (const level of levelsOf(root)) {
      forEachLeaf(level, (leaf) => {
        if (leaf.kind === "node" && !innerContainer(leaf)) nodes.add(leaf);
        else if (leaf.kind === "lazy") lazies.add(leaf.lazy);
      });
    }
  }
  const works = worksOf([...lazies].map((lazy) => lazyParts(lazy, where)));
  return {
    leaves: [...nodes, ...lazies],
    works: settledWorks([...nodeWorks([...nodes]), ...works], nodeWorks),
  };
}

/** The container that a node only gives: the inside of one that is nested deeper than an argument may be. */
function innerContainer(leaf: LazyArgument): ContainerArgument | undefined {
  const inner = leaf.kind === "node" ? wrappedArgument(leaf) : undefined;
  return inner && "height" in inner ? inner : undefined;
}

/** `root` and the containers that nodes in it only give, the outermost first. */
function levelsOf(root: LazyArgument): LazyArgument[] {
  const levels = new Set([root]);
  for (const level of levels) {
    forEachLeaf(level, (leaf) => {
      const inner = innerContainer(leaf);
      if (inner) levels.add(inner);
    });
  }
  return [...levels];
}

/** How the lazies ended, by node or collection. */
export type Results = ReadonlyMap<object, WorkResult>;

/** The value of `root` with each lazy's value in its place; the first error in it if there is one. */
export function fill(root: LazyArgument, results: Results): WorkResult {
  let failed: WorkResult | undefined;
  const levels = levelsOf(root);
  for (const level of levels) {
    forEachLeaf(level, (leaf) => {
      const result = resultOf(leaf, results);
      if (result?.kind === "error") failed ??= result;
    });
  }
  if (failed) return failed;
  const made: Made = { results, containers: new Map() };
  // From the inside, so that each finds what is in it.
  for (const level of levels.slice(1).reverse()) {
    made.containers.set(level, materialise(level, made));
  }
  return { kind: "value", value: materialise(root, made) };
}

function resultOf(leaf: LazyArgument, results: Results): WorkResult | undefined {
  if (innerContainer(leaf)) return undefined;
  if (leaf.kind === "node") return present(results.get(leaf), "a lazy's result");
  return leaf.kind === "lazy" ? present(results.get(leaf.lazy), "a lazy's result") : undefined;
}

interface Made {
  readonly results: Results;
  /** What was made of the containers that nodes only give. */
  readonly containers: Map<LazyArgument, unknown>;
}

function materialise(argument: LazyArgument, made: Made): unknown {
  const inner = (item: LazyArgument): unknown => materialise(item, made);
  const items = (all: readonly LazyArgument[]): unknown[] => all.map(inner);
  switch (argument.kind) {
    case "node":
    case "lazy": {
      const container = innerContainer(argument);
      if (container) return made.containers.get(container);
      const result = resultOf(argument, made.results);
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
