import { randomInt } from "node:crypto";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory, unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr } from "./bag-expr.ts";
import { partOperation } from "./part-operation.ts";
import { lowerTree } from "./tree.ts";

/** How records are drawn. */
export interface SampleOptions {
  /**
   * A whole number from 0 to 4294967295: the same seed draws the same records from the same parts. Default: drawn at
   * the call, so that computing the bag again gives the same sample.
   */
  readonly seed?: number;
}

interface ShareParams {
  readonly share: number;
  readonly seed: number;
}

interface DrawParams {
  readonly count: number;
  readonly seed: number;
}

/** Each record with the same probability, whatever becomes of the others. */
const randomSampleOperation = partOperation<ShareParams>({
  name: "bag.random-sample",
  label: "randomSample",
  memory: streamMemory(1, { ends: false }),
});

const seedsBelow = 2 ** 32;

/** The bag of about the share `share` of the records. */
export function randomSample(bag: Expr, share: number, options?: SampleOptions): Expr {
  const given: unknown = share;
  if (typeof given !== "number" || !(given >= 0 && given <= 1)) {
    throw badArgument("bag.randomSample: probability", "a number from 0 to 1", given);
  }
  const seed = seedOf("bag.randomSample", options);
  return bagExpr({
    operation: randomSampleOperation,
    params: { share, seed },
    children: [bag],
    like: bag,
  });
}

/** Exactly so many records: drawn of each part as if it were all, then of those drawn in a tree. */
function drawOperation(kernel: "sample" | "choices"): Operation<DrawParams> {
  return {
    name: `bag.${kernel}`,
    version: 1,
    lower: (expr, context) => {
      const { params } = expr;
      return lowerTree(expr, context, {
        label: kernel,
        partial: { operation: `bag.${kernel}`, params },
        memory: unprovenStream(),
        combine: { operation: `bag.merge-${kernel}`, params },
        finish: { operation: `bag.drawn-${kernel}`, params },
        large: "maybe",
      });
    },
  };
}

const sampleOperation = drawOperation("sample");
const choicesOperation = drawOperation("choices");

/** The bag of `count` records drawn without putting back, in random order, in one part. */
export function sample(bag: Expr, count: number, options?: SampleOptions): Expr {
  return drawn(bag, sampleOperation, { count, options });
}

/** The bag of `count` records each drawn from all, in one part. */
export function choices(bag: Expr, count: number, options?: SampleOptions): Expr {
  return drawn(bag, choicesOperation, { count, options });
}

function drawn(
  bag: Expr,
  operation: Operation<DrawParams>,
  { count, options }: { readonly count: number; readonly options: SampleOptions | undefined },
): Expr {
  wholeNumber(`${operation.name}: k`, count, { min: 0 });
  const params = { count, seed: seedOf(operation.name, options) };
  return bagExpr({ operation, params, children: [bag], partitions: 1 });
}

function seedOf(where: string, options: SampleOptions | undefined): number {
  const { seed } = checkOptions(where, options, ["seed"]);
  if (seed === undefined) return randomInt(seedsBelow);
  return wholeNumber(`${where}: seed`, seed, { min: 0, max: seedsBelow - 1 });
}
