import { checkOptions } from "../base/check-options.ts";
import { makeStageId } from "../base/ids.ts";
import { explain as explainPlan } from "../plan/explain.ts";
import { type ExplainedPlan, planTargets } from "../plan/planner.ts";
import { visualize as visualizePlan } from "../plan/visualize.ts";
import { type Lazy, lazyParts } from "./collection.ts";
import type { Computable } from "./computable.ts";
import { currentLimits } from "./current.ts";
import { leavesOf } from "./fill.ts";
import { mergeTargets } from "./run-targets.ts";
import { Searched } from "./searched.ts";

/** How `explain` tells a plan: there is nothing to choose yet. */
export type ExplainOptions = Readonly<Record<never, never>>;

/** What computing `lazy` would run, as text. Runs nothing. */
export function explain(lazy: Lazy, options?: ExplainOptions): string {
  checkOptions("explain", options, []);
  return explainPlan(planOf([lazy], "explain"));
}

/**
 * The stages that computing all of these collections at once would run, as one SVG drawing. Lists, Maps and Sets are
 * searched for collections. Runs nothing.
 * @example
 * ```ts
 * const numbers = fromSequence([1, 2, 3]).map((n) => n * n);
 * writeFileSync("plan.svg", visualize(numbers, numbers.frequencies()));
 * ```
 */
export function visualize(...lazies: readonly Computable[]): string {
  return visualizePlan(planOf(lazies, "visualize"));
}

/** Ids of stages that only a description has: far from those of any driver. */
const firstStageId = 2 ** 40;

function planOf(lazies: readonly unknown[], where: string): ExplainedPlan {
  const roots = lazies.flatMap((lazy, i) => {
    const argument = lazies.length === 1 ? where : `${where}: argument ${i + 1}`;
    const found = new Searched(lazy, argument).lazies;
    if (found.length === 0) lazyParts(lazy, argument);
    return found;
  });
  const { works } = leavesOf(roots, where);
  if (works.length === 0) lazyParts(undefined, where);
  let next = firstStageId;
  return planTargets({
    targets: mergeTargets(works),
    limits: currentLimits(),
    nextStageId: () => {
      next += 1;
      return makeStageId(next);
    },
    runNonce: "",
  });
}
