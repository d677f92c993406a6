import { AsyncLocalStorage } from "node:async_hooks";
import { parseByteSize } from "../../base/byte-size.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { type NodeOptions, noOptions } from "./node.ts";

/** What `annotate` attaches to all work that is written inside it. */
export interface AnnotateOptions {
  /** Extra attempts after the function has thrown: n retries mean n + 1 attempts. */
  readonly retries?: number;
  /** Higher runs first. */
  readonly priority?: number;
  /** Memory that one task needs, such as `"2 GiB"`. */
  readonly memory?: number | string;
  /** Longest time for one attempt, in milliseconds. */
  readonly timeoutMs?: number;
}

const names = ["retries", "priority", "memory", "timeoutMs"] as const;
const scopes = new AsyncLocalStorage<NodeOptions>();

/**
 * Runs `build`, and attaches `options` to all lazy work that it writes. Inner scopes and options of the work itself
 * win over outer scopes.
 * @example
 * ```ts
 * const double = delayed((n: number) => 2 * n);
 * const rows = annotate({ retries: 3, priority: 1 }, () => [1, 2].map((n) => double(n)));
 * console.log(await compute(...rows)); // → [ 2, 4 ]
 * ```
 */
export function annotate<T>(options: AnnotateOptions, build: () => T): T {
  const checked = workOptions("annotate", checkOptions("annotate", options, names));
  if (typeof build !== "function")
    throw badArgument("annotate", "a function that builds work", build);
  return withAnnotations(checked, build);
}

/** Runs `build`, and attaches `options` to the lazy work that it writes, over what is attached around it. */
export function withAnnotations<T>(options: NodeOptions, build: () => T): T {
  return scopes.run({ ...annotations(), ...options }, build);
}

/**
 * What the `annotate` scopes around the running code attach to lazy work that is written now; `memory` in bytes.
 * @example
 * ```ts
 * annotate({ retries: 2, memory: "1 KiB" }, () =>
 *   annotate({ retries: 3 }, () => console.log(currentAnnotations())),
 * ); // → { retries: 3, memory: 1024 }
 * ```
 */
export function currentAnnotations(): AnnotateOptions {
  const { retries, priority, memoryBytes: memory, timeoutMs } = annotations();
  const all = { retries, priority, memory, timeoutMs };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** What the scopes around the running code attach. */
export function annotations(): NodeOptions {
  return scopes.getStore() ?? noOptions;
}

/** The options of work in `options`, checked and in bytes; fields that are not there are left out. */
export function workOptions(where: string, options: AnnotateOptions): NodeOptions {
  const { retries, priority, memory, timeoutMs } = options;
  if (retries !== undefined) wholeNumber(`${where}: retries`, retries, { min: 0, max: 1000 });
  if (timeoutMs !== undefined) wholeNumber(`${where}: timeoutMs`, timeoutMs, { min: 1 });
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw badArgument(`${where}: priority`, "a finite number", priority);
  }
  return {
    ...(retries === undefined ? {} : { retries }),
    ...(priority === undefined ? {} : { priority }),
    ...(memory === undefined ? {} : { memoryBytes: parseByteSize(memory, `${where}: memory`) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
