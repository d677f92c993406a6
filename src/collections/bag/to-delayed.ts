import { LambdaskError } from "../../base/errors.ts";
import { type Lazy, type LazyFamily, type LazyWork, lazyKey } from "../../client/collection.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { delayedValue } from "../delayed-builder.ts";
import type { Delayed } from "../delayed-types.ts";
import { bagExpr, eachPart, inputLayout, lowered, partitionsOf } from "./bag-expr.ts";

/** The records of each part as one value: a list, which is held as a whole. */
const listsOperation: Operation = {
  name: "bag.lists",
  version: 1,
  lower: (expr, context) => {
    const input = inputLayout(expr, context);
    const bytes = input.chunkBytes ?? 0;
    return lowered(
      context.emit(
        eachPart(input, {
          role: "list",
          label: "toDelayed",
          memory: { class: "declared", inputs: [bytes], operation: 0, output: bytes },
          streams: false,
          steps: [{ operation: "bag.array", arguments: [{ input: 0 }] }],
        }),
      ),
    );
  },
};

/** The bag of the lists of a bag's parts, one chunk each. */
export function listsExpr(bag: Expr, partitions: number): Expr {
  return bagExpr({ operation: listsOperation, children: [bag], partitions });
}

/** The list of one part. */
interface PartSource {
  readonly lists: Expr;
  readonly index: number;
}

/** Lists of parts: delayed values take them as arguments, and nobody else sees them. */
const partFamily: LazyFamily = {
  // Only `toDelayed` gives sources to it.
  works: (sources) => (sources as readonly PartSource[]).map(workOf),
  kept: (source, { expr: lists }) => partOf({ ...(source as PartSource), lists }),
};

function partOf(source: PartSource): Lazy<unknown[]> {
  return { [lazyKey]: { family: partFamily, source } };
}

function workOf({ lists, index }: PartSource): LazyWork {
  return {
    expr: lists,
    indexes: { kind: "list", indexes: Uint32Array.of(index) },
    assemble: ([list]) => list,
    asArgument: "chunk",
  };
}

/** A delayed value per part of a bag: the list of its records. */
export function toDelayed<T>(bag: Expr): Delayed<T[]>[] {
  const count = partitionsOf(bag);
  if (count === undefined) {
    throw new LambdaskError("LAZY_MISUSE", {
      message: "bag.toDelayed: how many partitions the bag has is known only when it has run",
      fix: "say how many with the option partitions, or persist the bag first",
    });
  }
  const lists = listsExpr(bag, count);
  return Array.from({ length: count }, (_, index) => {
    const part = partOf({ lists, index });
    return delayedValue(part, { traverse: true }) as Delayed<T[]>; // It is computed to what the work assembles.
  });
}
