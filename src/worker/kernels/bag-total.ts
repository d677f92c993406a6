import type { Kernel, KernelCall, UserFunction } from "../../backend/kernel.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { compareKeys, isMissing } from "./bag-order.ts";

/** `bag.add-sizes`: the sum of numbers of records. */
export const addSizes: Kernel = async (call) => {
  let sum = 0;
  for await (const size of listOf<number>(call.arguments[0])) sum += size;
  return sum;
};

/** Whether one record decides: `any` by one that is true, `all` by one that is not. */
interface TestParams {
  readonly decisive: boolean;
}

/** `bag.test`: whether any, or all, of the part's records are true; no more are read than decide it. Functions: predicate, or none. */
export const testRecords: Kernel = async (call) => {
  const { decisive } = call.params as TestParams;
  for await (const batch of batchesOf(call.arguments[0])) {
    const answers = await keysOf(call, batch);
    if (answers.some((answer) => Boolean(answer) === decisive)) return decisive;
  }
  return !decisive;
};

/** `bag.merge-tests`: the same of several parts. */
export const mergeTests: Kernel = async (call) => {
  const { decisive } = call.params as TestParams;
  for await (const answer of listOf<boolean>(call.arguments[0])) {
    if (answer === decisive) return decisive;
  }
  return !decisive;
};

/** The record that ranks highest, or lowest, and what it ranks by; nothing of no records. */
type Extreme = readonly [] | readonly [key: unknown, record: unknown];

interface ExtremeParams {
  readonly end: "highest" | "lowest";
}

/** `bag.extreme`: the part's record at one end of the order. Functions: key, or none. */
export const extremeRecord: Kernel = async (call) => {
  const isBetter = betterThan(call);
  let best: Extreme = [];
  for await (const batch of batchesOf(call.arguments[0])) {
    const keys = await keysOf(call, batch);
    for (let i = 0; i < batch.length; i++) {
      if (isBetter(keys[i], best)) best = [keys[i], batch[i]];
    }
  }
  return best;
};

/** `bag.merge-extremes`: the same of several parts. */
export const mergeExtremes: Kernel = async (call) => {
  const isBetter = betterThan(call);
  let best: Extreme = [];
  for await (const other of listOf<Extreme>(call.arguments[0])) {
    if (other.length > 0 && isBetter(other[0], best)) best = other;
  }
  return best;
};

/** `bag.extreme-record`: the record itself; undefined of no records. */
export const extremeValue: Kernel = (call) => (call.arguments[0] as Extreme)[1];

/** Strictly: of equal ones the earlier stays. What is missing ranks last at both ends. */
function betterThan(call: KernelCall): (key: unknown, best: Extreme) => boolean {
  const { end } = call.params as ExtremeParams;
  return (key, best) => {
    if (best.length === 0) return true;
    const [held] = best;
    if (end === "highest") return compareKeys(key, held) > 0;
    if (isMissing(key) !== isMissing(held)) return isMissing(held);
    return compareKeys(key, held) < 0;
  };
}

/** What the function gives for each record, or the records themselves. */
function keysOf(
  { functions: [call] }: { readonly functions: readonly UserFunction[] },
  batch: readonly unknown[],
): readonly unknown[] | Promise<unknown[]> {
  return call === undefined ? batch : applyEach(call, batch);
}
