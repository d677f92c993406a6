import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";

/** How `compute` and `persist` run. */
export interface ComputeOptions {
  /** Stops the work when it fires: what runs finishes, and what is finished is kept for a resume. */
  readonly signal?: AbortSignal;
  /** Extra attempts after a function has thrown, for work that says nothing of its own. */
  readonly retries?: number;
  /** Higher runs first. */
  readonly priority?: number;
  /** Keeps all results of pure work in the store, and uses those that are there, of whatever program. */
  readonly reuse?: boolean;
}

/** The options by name. */
export const computeOptionNames = ["signal", "retries", "priority", "reuse"] as const;

/** `options`, each checked; a BAD_ARGUMENT error that names `where` and the option. */
export function checkComputeOptions(
  where: string,
  options: ComputeOptions | undefined,
): ComputeOptions {
  const checked = checkOptions(where, options, computeOptionNames);
  const { signal, retries, priority, reuse } = checked;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw badArgument(`${where}: signal`, "an AbortSignal", signal);
  }
  if (retries !== undefined) wholeNumber(`${where}: retries`, retries, { min: 0, max: 1000 });
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw badArgument(`${where}: priority`, "a finite number", priority);
  }
  if (reuse !== undefined && typeof reuse !== "boolean") {
    throw badArgument(`${where}: reuse`, "true or false", reuse);
  }
  return checked;
}
