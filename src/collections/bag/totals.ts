import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { capture } from "../../code/capture.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { MemoryStatement } from "../../plan/lower-context.ts";
import { streamMemory, unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, eachPart, inputLayout, lowered } from "./bag-expr.ts";
import type { TopkOptions } from "./topk.ts";
import { lowerTree, type Tree } from "./tree.ts";

/** A total that is combined in a tree; its expression's parameters are those of all its steps. */
function totalOperation(
  name: string,
  label: string,
  [partial, combine, finish]: readonly [partial: string, combine: string, finish?: string],
): Operation {
  return {
    name,
    version: 2,
    lower: (expr, context) => {
      const { params } = expr;
      const functions = expr.functions.map((_, position) => position);
      const tree: Tree = {
        label,
        partial: { operation: partial, params, functions },
        memory: memoryOf(expr),
        combine: { operation: combine, params },
        ...(finish === undefined ? {} : { finish: { operation: finish, params } }),
        large: "no",
      };
      return lowerTree(expr, context, tree);
    },
  };
}

function memoryOf({ functions }: Expr): MemoryStatement {
  return functions.length === 0 ? streamMemory(1, { ends: true }) : unprovenStream();
}

/** A number made of sums that other totals may share. */
function statisticOperation(name: string, label: string, kernel: string): Operation {
  return {
    name,
    version: 1,
    lower: (expr, context) =>
      lowered(
        context.emit(
          eachPart(inputLayout(expr, context), {
            role: "statistic",
            label,
            streams: false,
            memory: streamMemory(1, { ends: true }),
            steps: [{ operation: kernel, arguments: [{ input: 0 }], params: expr.params }],
          }),
        ),
      ),
  };
}

/** The number of records. */
const countOperation = totalOperation("bag.count", "count", ["bag.size", "bag.add-sizes"]);
const sumsOperation = totalOperation("bag.sums", "sums", ["bag.sum-part", "bag.add-sums"]);
const testOperation = (verb: "any" | "all"): Operation =>
  totalOperation(`bag.${verb}`, verb, ["bag.test", "bag.merge-tests"]);
const extremeOperation = (verb: "min" | "max"): Operation =>
  totalOperation(`bag.${verb}`, verb, ["bag.extreme", "bag.merge-extremes", "bag.extreme-record"]);
const sumOperation = statisticOperation("bag.sum", "sum", "bag.sum");
const meanOperation = statisticOperation("bag.mean", "mean", "bag.mean");
const varianceOperation = statisticOperation("bag.variance", "variance", "bag.variance");
const stdOperation = statisticOperation("bag.std", "std", "bag.variance");

/** How many records a bag has. */
export function count(bag: Expr): Expr {
  return bagExpr({ operation: countOperation, children: [bag] });
}

/** The sum of a bag's records. */
export function sum(bag: Expr): Expr {
  return bagExpr({ operation: sumOperation, children: [sums(bag)] });
}

/** The mean of a bag's records. */
export function mean(bag: Expr): Expr {
  return bagExpr({ operation: meanOperation, children: [sums(bag)] });
}

function sums(bag: Expr): Expr {
  const params = { where: "bag.sum, bag.mean", squares: false };
  return bagExpr({ operation: sumsOperation, params, children: [bag] });
}

/** How variances are made. */
export interface VarianceOptions {
  /** What the number of records is lessened by in the divisor: 0 (the default) for all there is, 1 for a sample. */
  readonly ddof?: number;
}

/** The variance of a bag's records, or its root. */
export function variance(
  bag: Expr,
  verb: "variance" | "std",
  options: VarianceOptions | undefined,
): Expr {
  const { ddof = 0 } = checkOptions(`bag.${verb}`, options, ["ddof"]);
  wholeNumber(`bag.${verb}: ddof`, ddof, { min: 0 });
  const params = { where: "bag.variance, bag.std", squares: true };
  return bagExpr({
    operation: verb === "std" ? stdOperation : varianceOperation,
    params: { ddof, root: verb === "std" },
    children: [bagExpr({ operation: sumsOperation, params, children: [bag] })],
  });
}

/** Whether any, or all, records are true, or make `predicate` answer something truthy. */
export function test(
  bag: Expr,
  verb: "any" | "all",
  predicate: ((record: never) => unknown) | undefined,
): Expr {
  return bagExpr({
    operation: testOperation(verb),
    params: { decisive: verb === "any" },
    children: [bag],
    functions: predicate === undefined ? [] : [capture(predicate, { where: `bag.${verb}` })],
  });
}

/** The record that ranks lowest or highest. */
export function extreme<T>(
  bag: Expr,
  verb: "min" | "max",
  options: TopkOptions<T> | undefined,
): Expr {
  const { key } = checkOptions(`bag.${verb}`, options, ["key"]);
  return bagExpr({
    operation: extremeOperation(verb),
    params: { end: verb === "max" ? "highest" : "lowest" },
    children: [bag],
    functions: key === undefined ? [] : [capture(key, { where: `bag.${verb}: key` })],
  });
}
