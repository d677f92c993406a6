import { present } from "../base/assert.ts";
import { defaultPlanOptions } from "../plan/plan-options.ts";
import { simplify } from "../plan/simplify.ts";
import { type Lazy, lazyParts, worksOf } from "./collection.ts";
import { Future } from "./future.ts";
import { settledWorks } from "./graph/late-nodes.ts";
import { nodeWorks } from "./graph/node-works.ts";

/**
 * The same collections over one graph that is put together and simplified now: equal calls are one, and every `compute`
 * of what this gives starts from there. `compute` does the same by itself, so this pays only where something is computed
 * many times. Runs nothing.
 * @example
 * ```ts
 * const square = delayed((n: number) => n * n);
 * const [nine, sixteen] = optimize(square(3), square(4));
 * console.log(await compute(nine, sixteen)); // → [ 9, 16 ]
 * ```
 */
export function optimize<T extends readonly Lazy[]>(...lazies: T): T {
  const parts = lazies.map((lazy, i) => lazyParts(lazy, `optimize: argument ${i + 1}`));
  const works = settledWorks(worksOf(parts), nodeWorks);
  const simple = simplify(
    works.map((work) => work.expr),
    defaultPlanOptions.rewritePassesMax,
  );
  return lazies.map((lazy, i) => {
    // What has begun is as it is.
    if (lazy instanceof Future) return lazy;
    const { family, source } = present(parts[i], "a collection's parts");
    const work = { ...present(works[i], "a work"), expr: present(simple[i], "an expression") };
    return family.kept(source, work, { release: () => undefined });
  }) as unknown as T; // Each family gives a collection of the kind it was given.
}
