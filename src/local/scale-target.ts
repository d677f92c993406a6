import { badArgument } from "../base/errors.ts";

/** How many workers there may be: fixed, or between two limits as the work asks. */
export type ScaleTarget = number | { readonly min: number; readonly max: number };

/** Bounds on the number of workers. */
export interface ScaleRange {
  readonly min: number;
  readonly max: number;
}

/** More processes than any machine runs well: a slip of the pen. */
const workersMax = 4096;

/** The range that `target` says; a BAD_ARGUMENT error that names `where` if it says none. */
export function parseScaleTarget(target: unknown, where: string): ScaleRange {
  const expected = `a number of workers from 1 to ${workersMax}, or { min, max } of such`;
  if (isCount(target)) return { min: target, max: target };
  if (typeof target !== "object" || target === null) throw badArgument(where, expected, target);
  const { min, max } = target as { readonly min?: unknown; readonly max?: unknown };
  if (!isCount(min)) throw badArgument(`${where}.min`, expected, min);
  if (!isCount(max)) throw badArgument(`${where}.max`, expected, max);
  if (min > max) throw badArgument(`${where}.min`, `at most max, which is ${max}`, min);
  return { min, max };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= workersMax;
}
