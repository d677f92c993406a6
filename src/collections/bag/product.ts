import { present } from "../../base/assert.ts";
import { LambdaskError } from "../../base/errors.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout } from "../../plan/lower-context.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import type { Slot } from "../../plan/stage.ts";
import { bagExpr, lowered, partitionsOf } from "./bag-expr.ts";
import { partitionsMax } from "./exchange.ts";

/** Every record of one bag with every record of another: a task for every pair of parts. */
const productOperation: Operation = {
  name: "bag.product",
  version: 1,
  lower: (expr, context) => {
    const [left, right] = expr.children.map((child) => context.layout(child));
    const sides = [present(left, "a side of a product"), present(right, "a side of a product")];
    const grid = sides.map(({ count }) => count);
    const count = grid.reduce((product, length) => product * length, 1);
    if (count > partitionsMax) throw tooMany(count);
    return lowered(
      context.emit({
        role: "product",
        kind: "map",
        label: "product",
        // One part of the right side is held.
        memory: { ...unprovenStream(), inputs: [0, right?.chunkBytes ?? 0] },
        count,
        slots: sides.map((side, axis) => alongAxis(side, axis, grid)),
        steps: [{ operation: "bag.product", arguments: [{ input: 0 }, { input: 1 }] }],
        layout: { grid },
      }),
    );
  },
};

function alongAxis({ stage, count }: Layout, axis: number, consumer: readonly number[]): Slot {
  return { stage, mapping: { kind: "grid", consumer, producer: [count], axes: [axis] } };
}

function tooMany(count: number): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `bag.product: ${count} pairs of partitions, at most ${partitionsMax}`,
    fix: "bring the bags to fewer partitions with .repartition({ partitions }) before",
    data: { partitions: count, most: partitionsMax },
  });
}

/** The bag of all pairs `[record, record of other]`. */
export function product(bag: Expr, other: Expr): Expr {
  const [left, right] = [partitionsOf(bag), partitionsOf(other)];
  const partitions = left === undefined || right === undefined ? undefined : left * right;
  if (partitions !== undefined && partitions > partitionsMax) throw tooMany(partitions);
  return bagExpr({
    operation: productOperation,
    params: undefined,
    children: [bag, other],
    partitions,
  });
}
