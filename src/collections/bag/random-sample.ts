import { randomInt } from "node:crypto";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import { streamMemory, unprovenStream } from "../../plan/memory-stream.ts";
import { bagExpr, drawsBehind } from "./bag-expr.ts";
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

/** What tells the random numbers of one draw from those of others. */
interface Draw {
  readonly seed: number;
  /** Draws behind it: a sample of a sample with the same seed would else be drawn by numbers that its records passed. */
  readonly draw: number;
}

interface ShareParams extends Draw {
  readonly share: number;
}

interface DrawParams extends Draw {
  readonly count: number;
}

/** Each record with the same probability, whatever becomes of the others. */
const randomSampleOperation = partOperation<ShareParams>({
  name: "bag.random-sample",
  label: "randomSample",
  memory: streamMemory(1, { ends: false }),
});

const seedsBelow = 2 ** 32;
/** More records are in no list. */
const drawnMax = 2 ** 32 - 1;

/** The bag of about the share `share` of the records. */
export function randomSample(bag: Expr, share: number, options?: SampleOptions): Expr {
  const given: unknown = share;
  if (typeof given !== "number" || !(given >= 0 && given <= 1)) {
    throw badArgument("bag.randomSample: probability", "a number from 0 to 1", given);
  }
  return bagExpr({
    operation: randomSampleOperation,
    params: { share, ...drawOf(bag, "bag.randomSample", options) },
    children: [bag],
    like: bag,
    isDraw: true,
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
  wholeNumber(`${operation.name}: k`, count, { min: 0, max: drawnMax });
  const params = { count, ...drawOf(bag, operation.name, options) };
  return bagExpr({ operation, params, children: [bag], partitions: 1, isDraw: true });
}

function drawOf(bag: Expr, where: string, options: SampleOptions | undefined): Draw {
  const { seed = randomInt(seedsBelow) } = checkOptions(where, options, ["seed"]);
  wholeNumber(`${where}: seed`, seed, { min: 0, max: seedsBelow - 1 });
  return { seed, draw: drawsBehind([bag]) };
}
