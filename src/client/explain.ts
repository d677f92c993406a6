import { checkOptions } from "../base/check-options.ts";
import { makeStageId } from "../base/ids.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import { explain as explainPlan } from "../plan/explain.ts";
import { type ExplainedPlan, planTargets } from "../plan/planner.ts";
import { visualize as visualizePlan } from "../plan/visualize.ts";
import { type Lazy, lazyParts } from "./collection.ts";
import { currentLimits } from "./current.ts";
import { leavesOf } from "./fill.ts";
import { mergeTargets } from "./run-targets.ts";

/** How `explain` tells a plan: there is nothing to choose yet. */
export type ExplainOptions = Readonly<Record<never, never>>;

/** What computing `lazy` would run, as text. Runs nothing. */
export function explain(lazy: Lazy, options?: ExplainOptions): string {
  checkOptions("explain", options, []);
  return explainPlan(planOf(lazy, "explain"));
}

/** The stages that computing `lazy` would run, as an SVG drawing. Runs nothing. */
export function visualize(lazy: Lazy): string {
  return visualizePlan(planOf(lazy, "visualize"));
}

/** Ids of stages that only a description has: far from those of any driver. */
const firstStageId = 2 ** 40;

function planOf(lazy: Lazy, where: string): ExplainedPlan {
  lazyParts(lazy, where);
  const { works } = leavesOf([argumentOf(lazy, { where })], where);
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
