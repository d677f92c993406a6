import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { unprovenStream } from "../../plan/memory-stream.ts";
import { emitReduceTree } from "../../plan/reduce-tree.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";

/** How a key's total starts: with its first record, or with a given value. */
type FoldStart = { readonly kind: "none" } | { readonly kind: "value"; readonly value: unknown };

interface FoldParams {
  readonly start: FoldStart;
}

/** Records folded into one total per key: part by part, then combined in a tree. */
const foldByOperation: Operation<FoldParams> = {
  name: "bag.fold-by",
  version: 1,
  lower: (expr, context) => {
    const partial = context.emit(
      eachPart(inputLayout(expr, context), {
        role: "partial",
        streams: false,
        label: "foldBy",
        memory: unprovenStream(),
        steps: [
          {
            operation: "bag.fold-keys",
            arguments: [{ input: 0 }],
            functions: [0, 1],
            params: { start: expr.params.start },
          },
        ],
      }),
    );
    return lowered(
      emitReduceTree(context, {
        input: partial,
        label: "foldBy",
        combine: { operation: "bag.merge-folds", functions: [2] },
        finish: { operation: "bag.fold-pairs" },
        large: true,
      }),
    );
  },
};

/** What `foldBy` takes, checked. */
export interface FoldSpec {
  readonly key: (...values: never[]) => unknown;
  readonly binop: (...values: never[]) => unknown;
  readonly combine: (...values: never[]) => unknown;
  readonly start: FoldStart;
}

/** The arguments of `foldBy(key, binop, initial?, combine?)`: an absent initial value is not the value undefined. */
export function checkFoldArguments(given: readonly unknown[]): FoldSpec {
  const [key, binop, initial, combine = binop] = given;
  const start: FoldStart = given.length > 2 ? { kind: "value", value: initial } : { kind: "none" };
  if (start.kind === "value") encodeValue(initial, "bag.foldBy: initial");
  return {
    key: checkFunction(key, "key"),
    binop: checkFunction(binop, "binop"),
    combine: checkFunction(combine, "combine"),
    start,
  };
}

function checkFunction(value: unknown, name: string): FoldSpec["key"] {
  if (typeof value !== "function") throw badArgument(`bag.foldBy: ${name}`, "a function", value);
  return value as FoldSpec["key"]; // What it takes was checked where it was written.
}

/** The bag of `[key, total]` pairs, in order of first appearance, in one part. */
export function foldBy(bag: Expr, { key, binop, start, combine }: FoldSpec): Expr {
  return bagExpr({
    operation: foldByOperation,
    params: { start },
    children: [bag],
    functions: [
      capture(key, { where: "bag.foldBy: key" }),
      capture(binop, { where: "bag.foldBy: binop" }),
      capture(combine, { where: "bag.foldBy: combine" }),
    ],
    partitions: 1,
  });
}
