import { present } from "../base/assert.ts";
import { defaultPlanOptions } from "../plan/plan-options.ts";
import { simplify } from "../plan/simplify.ts";
import { type Lazy, lazyKey, worksOf } from "./collection.ts";
import type { Computable } from "./computable.ts";
import { settledWorks } from "./graph/late-nodes.ts";
import { nodeWorks } from "./graph/node-works.ts";
import { laziesIn, replaceLazies } from "./lazy-structure.ts";

/**
 * The same collections, also in lists, Maps and Sets, over one graph that is put together and simplified now: equal calls are one, and every `compute`
 * of what this gives starts from there. `compute` does the same by itself, so this pays only where something is computed
 * many times. Runs nothing.
 * @example
 * ```ts
 * const square = delayed((n: number) => n * n);
 * const [nine, sixteen] = optimize(square(3), square(4));
 * console.log(await compute(nine, sixteen)); // → [ 9, 16 ]
 * ```
 */
export function optimize<T extends readonly Computable[]>(...values: T): T {
  const lazies = laziesIn(values, "optimize").filter((lazy) => !lazy[lazyKey].family.hasBegun);
  const parts = lazies.map((lazy) => lazy[lazyKey]);
  const works = settledWorks(worksOf(parts), nodeWorks);
  const simple = simplify(
    works.map((work) => work.expr),
    defaultPlanOptions.rewritePassesMax,
  );
  const byLazy = new Map<Lazy, unknown>();
  for (const [i, { family, source }] of parts.entries()) {
    const work = { ...present(works[i], "a work"), expr: present(simple[i], "an expression") };
    const optimized = family.kept(source, work, { release: () => undefined });
    byLazy.set(present(lazies[i], "a collection"), optimized);
  }
  // Each family gives a collection of the kind it was given.
  return values.map((value) =>
    replaceLazies(value, (lazy) => byLazy.get(lazy) ?? lazy),
  ) as unknown as T;
}
