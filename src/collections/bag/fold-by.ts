import { LambdaskError, shortly } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";
import { emitTree } from "./tree.ts";

/** How a key's total starts: with its first record, or with a given value. */
type FoldStart = { readonly kind: "none" } | { readonly kind: "value"; readonly value: unknown };

interface FoldParams {
  readonly start: FoldStart;
}

/** Records folded into one total per key: part by part, then combined in a tree. */
export const foldByOperation: Operation<FoldParams> = {
  name: "bag.fold-by",
  version: 1,
  lower: (expr, context) => {
    const partial = context.emit(
      eachPart(inputLayout(expr, context), {
        role: "partial",
        streams: false,
        label: "foldBy",
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
      emitTree(context, partial, {
        label: "foldBy",
        merge: { operation: "bag.merge-folds", functions: [2] },
        finish: { operation: "bag.fold-pairs" },
        large: true,
      }),
    );
  },
};

/** What `foldBy` takes; `initial` and `combine` may be missing, which `start` and the binop stand for. */
export interface FoldSpec {
  readonly key: (...records: never[]) => unknown;
  readonly binop: (...values: never[]) => unknown;
  readonly start: FoldStart;
  readonly combine: ((...values: never[]) => unknown) | undefined;
}

/** The bag of `[key, total]` pairs, in order of first appearance, in one part. */
export function foldBy(bag: Expr, { key, binop, start, combine }: FoldSpec): Expr {
  if (start.kind === "value") encodeValue(start.value, "bag.foldBy: initial");
  if (start.kind === "value" && combine === undefined && typeof start.value === "function") {
    throw new LambdaskError("BAD_ARGUMENT", {
      message: `bag.foldBy: expected an initial value, got ${shortly(start.value)}`,
    });
  }
  return bagExpr({
    operation: foldByOperation,
    params: { start },
    children: [bag],
    functions: [
      capture(key, { where: "bag.foldBy: key" }),
      capture(binop, { where: "bag.foldBy: binop" }),
      capture(combine ?? binop, { where: "bag.foldBy: combine" }),
    ],
    partitions: 1,
  });
}
