import type { LazyNode } from "../../code/lazy/node.ts";
import type { LazyWork } from "../collection.ts";
import { placesOf } from "./build.ts";

/** The works behind delayed nodes, looked at together. */
export function nodeWorks(nodes: readonly LazyNode[]): LazyWork[] {
  return placesOf(nodes).map(({ expr, index }) => ({
    expr,
    indexes: { kind: "list", indexes: Uint32Array.of(index) },
    assemble: ([value]) => value,
    asArgument: "chunk",
  }));
}
