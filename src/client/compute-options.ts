import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { type FrozenSettings, resolve } from "../config/resolve.ts";

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

/**
 * `options`, each checked, and the settings where they say nothing; a BAD_ARGUMENT error that names `where` and the
 * option.
 */
export function checkComputeOptions(
  where: string,
  options: ComputeOptions | undefined,
): ComputeOptions {
  const checked = checkOptions(where, options, computeOptionNames);
  const { signal } = checked;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw badArgument(`${where}: signal`, "an AbortSignal", signal);
  }
  const filled: Record<string, unknown> = signal === undefined ? {} : { signal };
  for (const name of settable) {
    const option = { where: `${where}: ${name}`, value: checked[name] };
    const { value } = resolve(`compute.${name}`, option);
    if (value !== undefined) filled[name] = value;
  }
  return filled; // Each was checked against its setting, whose type is the option's.
}

/** The options as settings, for the record of a run. */
export function settingsOf(options: ComputeOptions): FrozenSettings {
  const set = settable.filter((name) => options[name] !== undefined);
  return Object.fromEntries(set.map((name) => [`compute.${name}`, options[name]]));
}

/** The options that are settings too. */
const settable = ["retries", "priority", "reuse"] as const;
