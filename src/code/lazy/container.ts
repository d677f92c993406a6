import { LambdaskError } from "../../base/errors.ts";
import {
  type BareContainer,
  type ContainerArgument,
  type LazyArgument,
  valueNode,
} from "./node.ts";
import { forEachLeaf } from "./visit-nodes.ts";

/** Containers right inside one another in one argument: all that looks into arguments does so by recursion. */
const levelsMax = 200;

/**
 * `bare` as an argument, however deep it is nested: what lies deeper than one argument may is a node that gives it, and
 * chains of nodes may be as long as memory.
 */
export function containerArgument(bare: BareContainer): ContainerArgument {
  const items = bare.items.map(shallow);
  if (bare.kind !== "map") return { ...bare, items, height: 1 + highest(items) };
  const keys = bare.keys.map(shallow);
  return { ...bare, keys, items, height: 1 + Math.max(highest(keys), highest(items)) };
}

function highest(items: readonly LazyArgument[]): number {
  let height = 0;
  for (const item of items) if ("height" in item) height = Math.max(height, item.height);
  return height;
}

function shallow(item: LazyArgument): LazyArgument {
  if (!("height" in item) || item.height < levelsMax) return item;
  forEachLeaf(item, refuseFunction);
  return valueNode(item);
}

/** What a node gives may be stored, and functions cannot be. */
function refuseFunction(leaf: LazyArgument): void {
  if (leaf.kind !== "function") return;
  throw new LambdaskError("NOT_DATA", {
    message: `a function lies in more than ${levelsMax} levels of containers`,
    fix: "pass it as an argument of its own, or nearer to the outside",
  });
}
