import type { LazyNode } from "../../code/lazy/node.ts";
import type { LazyWork } from "../collection.ts";
import { worksOfNodes } from "./build.ts";

/** The works behind delayed nodes, looked at together. With a nonce, all of it is of this run only. */
export function nodeWorks(
  nodes: readonly LazyNode[],
  { nonce = "" }: { readonly nonce?: string } = {},
): LazyWork[] {
  return worksOfNodes(nodes, nonce);
}
