import { nameOf, nameOfBytes } from "../../base/content-name.ts";
import { annotations as currentAnnotations } from "../../code/lazy/annotations.ts";
import type { Annotations, Expr, Operation } from "../../plan/expr.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import type { Slot } from "../../plan/stage.ts";
import { bagExpr, lowered, partitionsOf } from "./bag-expr.ts";

/** The parts of several bags, one bag after the other. */
const concatOperation: Operation = {
  name: "bag.concat",
  version: 1,
  lower: (expr, context) => {
    const layouts = expr.children.map((child) => context.layout(child));
    const count = layouts.reduce((sum, layout) => sum + layout.count, 0);
    let first = 0;
    const slots = layouts.map(({ stage, count: chunks }): Slot => {
      first += chunks;
      return { stage, mapping: { kind: "shifted", by: first - chunks } };
    });
    return lowered(
      context.emit({
        role: "concat",
        kind: "map",
        label: "concat",
        // A task reads one chunk, of one of the bags: nothing is fetched ahead.
        memory: streamMemory(slots.length, { ends: false }),
        count,
        slots,
        steps: [{ operation: "bag.concat", arguments: slots.map((_, input) => ({ input })) }],
        layout: { partitions: count },
      }),
    );
  },
};

/** What stands for the bags that an expression joins, in its name. */
const joinedNames = new WeakMap<Expr, string>();

/**
 * The bag of the records of all the bags in order, with the parts of all. `all = all.concat(next)` in a loop looks at no
 * bag twice: the name of more bags is made of the name of those before.
 */
export function concat(given: readonly Expr[]): Expr {
  const { name: _, ...outer } = currentAnnotations();
  const [first, ...more] = given;
  const isGrown = first !== undefined && isPlainConcat(first, outer);
  const added = (isGrown ? more : given).flatMap((bag) =>
    isPlainConcat(bag, outer) ? bag.children : [bag],
  );
  const before = isGrown ? joinedNames.get(first) : undefined;
  const children = isGrown ? first.children.concat(added) : added;
  const childrenName = (before === undefined ? children : added).reduce(
    (name, { name: next }) => nameOfBytes(`${name}${next}`),
    before ?? "",
  );
  const counts = given.map(partitionsOf);
  const known = counts.every((count) => count !== undefined);
  const joined = bagExpr({
    operation: concatOperation,
    params: undefined,
    children,
    childrenName,
    partitions: known ? counts.reduce((sum, count) => sum + count, 0) : undefined,
  });
  joinedNames.set(joined, childrenName);
  return joined;
}

/** True if the parts of what `bag` joins can be taken as well, so that none is copied twice. */
function isPlainConcat({ operation, annotations }: Expr, outer: Annotations): boolean {
  return operation === concatOperation && nameOf(annotations) === nameOf(outer);
}
