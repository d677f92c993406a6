import { present } from "../../base/assert.ts";
import { nameOfBytes } from "../../base/content-name.ts";
import type { ContentName } from "../../base/ids.ts";
import type { LazyNode } from "../../code/lazy/node.ts";
import { visitNodes } from "../../code/lazy/visit-nodes.ts";
import { lazyToken } from "../lazy-token.ts";
import { type NodeNames, nodeText } from "./node-text.ts";

const keys = new WeakMap<LazyNode, ContentName>();

const names: NodeNames = {
  node: (node) => present(keys.get(node), "an argument's key"),
  lazy: lazyToken,
};

/**
 * What `node` computes, as a content name: equal for equal pure calls on equal arguments, wherever they were written.
 * Of each node it is found once, however many graphs it is in.
 */
export function nodeKey(node: LazyNode): ContentName {
  visitNodes([node], (each) => keys.set(each, nameOfBytes(nodeText(each, names))), {
    isDone: (each) => keys.has(each),
  });
  return present(keys.get(node), "a node's key");
}
