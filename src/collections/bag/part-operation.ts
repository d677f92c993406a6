import type { Expr, Operation } from "../../plan/expr.ts";
import type { MemoryStatement } from "../../plan/lower-context.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** How an operation of one step works on a part. */
export interface PartOperation {
  /** Of the operation and of its kernel: `bag.pluck`. */
  readonly name: string;
  readonly label: string;
  /** Default: it streams, and calls functions of the user's. */
  readonly memory?: MemoryStatement;
}

/** The operation that puts every part of a bag through one kernel, which gets the expression's functions and parameters. */
export function partOperation<Params>(spec: PartOperation): Operation<Params> {
  const { name, label, memory = unprovenStream() } = spec;
  return {
    name,
    version: 1,
    lower: (expr: Expr<Params>, context) =>
      lowered(
        context.emit(
          eachPart(inputLayout(expr, context), {
            role: label,
            label,
            memory,
            steps: [
              {
                operation: name,
                arguments: [{ input: 0 }],
                functions: expr.functions.map((_, position) => position),
                params: expr.params,
              },
            ],
          }),
        ),
      ),
  };
}
