import { wholeNumber } from "../../base/check-options.ts";
import type { Expr } from "../../plan/expr.ts";
import type { LowerContext, Lowered, MemoryStatement } from "../../plan/lower-context.ts";
import { streamMemory } from "../../plan/memory-stream.ts";
import { emitReduceTree, type ReduceTree } from "../../plan/reduce-tree.ts";
import { eachPart, inputLayout, lowered, partitionsOf } from "./bag-expr.ts";

/** A step without its arguments. */
type Action = ReduceTree["combine"];

/** How the records of a bag become one chunk. */
export interface Tree {
  readonly label: string;
  /** Makes a partial result of each part. */
  readonly partial: Action;
  /** What that takes. */
  readonly memory: MemoryStatement;
  /** Makes one of several partial results, which come in order. */
  readonly combine: Action;
  /** Makes the result of the last partial one. */
  readonly finish?: Action;
  /** Partial results may be of a megabyte and more. `"no"`: they are a few numbers, and no function is called. */
  readonly large: "yes" | "maybe" | "no";
  /** Partial results per task that combines; left out: as the planner thinks best. */
  readonly fanIn?: number | undefined;
}

/** Lowers what is done part by part and then combined in a tree. */
export function lowerTree(expr: Expr, context: LowerContext, tree: Tree): Lowered {
  const { label, partial, memory, combine, finish, large, fanIn } = tree;
  const partials = context.emit(
    eachPart(inputLayout(expr, context), {
      role: "partial",
      streams: false,
      label,
      memory,
      steps: [{ ...partial, arguments: [{ input: 0 }] }],
    }),
  );
  return lowered(
    emitReduceTree(context, {
      input: partials,
      label,
      combine,
      // An item is a value; a bag comes as a stream of its records.
      streams: partitionsOf(expr) !== undefined,
      ...(finish === undefined ? {} : { finish }),
      large: large === "yes",
      ...(fanIn === undefined ? {} : { fanIn }),
      ...(large === "no" ? { memory: streamMemory(1, { ends: true }) } : {}),
    }),
  );
}

/** `fanIn` as an option of a verb: a BAD_ARGUMENT error that names `where` if no tree can have it. */
export function checkFanIn(where: string, fanIn: unknown): number | undefined {
  if (fanIn === undefined) return undefined;
  return wholeNumber(`${where}: fanIn`, fanIn, { min: 2 });
}
