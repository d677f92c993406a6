import { checkOptions, wholeNumber } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import { type AnnotateOptions, workOptions } from "../code/lazy/annotations.ts";
import type { NodeOptions } from "../code/lazy/node.ts";
import type { LazyInput } from "./lazy-types.ts";

/** How `client.map` runs its calls. */
export interface MapOptions extends Omit<AnnotateOptions, "retries"> {
  /** `false`: equal calls all run; `true` (the default): they are one. */
  readonly pure?: boolean;
  /** Extra attempts of each call after the function has thrown; a list has a number for each. */
  readonly retries?: number | readonly number[];
  /** What the calls are called in messages and progress, in place of the function's name. */
  readonly name?: string;
  /** Calls begin in groups of so many; results of calls on other futures, and of futures that are garbage, go by group. Default: one group. */
  readonly batchSize?: number;
}

/** The same, with a value that every call takes last: it may be a future, or hold futures. */
export interface BroadcastOptions<B> extends MapOptions {
  readonly broadcast: LazyInput<B>;
}

/** Options of `client.map` that were checked. */
export interface CheckedMapOptions {
  readonly pure: boolean | undefined;
  /** Of all calls; `retries` of each may differ. */
  readonly work: NodeOptions;
  readonly retries: readonly number[] | undefined;
  readonly batchSize: number;
  readonly broadcast: { readonly value: unknown } | undefined;
}

const names = [
  ...(["pure", "retries", "priority", "memory", "timeoutMs"] as const),
  ...(["name", "batchSize", "broadcast"] as const),
];

/** `options` of so many calls. */
export function checkMapOptions(
  where: string,
  options: MapOptions | undefined,
  calls: number,
): CheckedMapOptions {
  const given = checkOptions<Partial<BroadcastOptions<unknown>>>(where, options, names);
  const { pure, name, batchSize, broadcast, retries, ...work } = given;
  if (pure !== undefined && typeof pure !== "boolean") {
    throw badArgument(`${where}: pure`, "true or false", pure);
  }
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw badArgument(`${where}: name`, "a text", name);
  }
  if (batchSize !== undefined) wholeNumber(`${where}: batchSize`, batchSize, { min: 1 });
  const each = Array.isArray(retries) ? eachRetries(where, retries, calls) : undefined;
  const shared = each === undefined ? { retries: retries as number } : {}; // No list, so a number or nothing.
  return {
    pure,
    work: {
      ...workOptions(where, { ...work, ...shared }),
      ...(name === undefined ? {} : { name }),
    },
    retries: each,
    batchSize: batchSize ?? Math.max(1, calls),
    broadcast: "broadcast" in given ? { value: broadcast } : undefined,
  };
}

function eachRetries(where: string, retries: readonly number[], calls: number): readonly number[] {
  if (retries.length !== calls) {
    throw badArgument(`${where}: retries`, `a number for each of ${calls} calls`, retries);
  }
  for (const [i, each] of retries.entries()) workOptions(`${where}: call ${i}`, { retries: each });
  return retries;
}
