import { LambdaskError } from "../../base/errors.ts";
import {
  type BareContainer,
  type ContainerArgument,
  type Extent,
  type LazyArgument,
  valueNode,
} from "./node.ts";
import { forEachLeaf } from "./visit-nodes.ts";

/** Containers right inside one another in one argument: all that looks into arguments does so by recursion. */
const levelsMax = 200;

/** Items in one argument: each is written by itself, and one that lies in several places several times. */
const itemsMax = 10_000_000;

/**
 * `bare` as an argument, however deep it is nested: what lies deeper than one argument may is a node that gives it, and
 * chains of nodes may be as long as memory.
 */
export function containerArgument(bare: BareContainer): ContainerArgument {
  const items = bare.items.map(shallow);
  if (bare.kind !== "map") return { ...bare, items, ...extentOf(items) };
  const keys = bare.keys.map(shallow);
  return { ...bare, keys, items, ...extentOf([...keys, ...items]) };
}

/** How far a container of `items` goes. */
function extentOf(items: readonly LazyArgument[]): Extent {
  let height = 0;
  let size = items.length;
  for (const item of items) {
    if (!("height" in item)) continue;
    height = Math.max(height, item.height);
    size += item.size;
  }
  if (size > itemsMax) throw tooManyItems();
  return { height: height + 1, size };
}

function shallow(item: LazyArgument): LazyArgument {
  if (!("height" in item) || item.height < levelsMax) return item;
  forEachLeaf(item, refuseFunction);
  return valueNode(item);
}

function tooManyItems(): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `an argument has more than ${itemsMax} items beside the lazies, futures or functions in it, where a part that lies in several places counts at each`,
    fix: "pass such a part once, as an argument of its own, or make it in the function",
  });
}

/** What a node gives may be stored, and functions cannot be. */
function refuseFunction(leaf: LazyArgument): void {
  if (leaf.kind !== "function") return;
  throw new LambdaskError("NOT_DATA", {
    message: `a function lies in more than ${levelsMax} levels of containers`,
    fix: "pass it as an argument of its own, or nearer to the outside",
  });
}
