import { makeStageId } from "../../../src/base/ids.ts";
import type { Expr } from "../../../src/plan/expr.ts";
import { allIndexes } from "../../../src/plan/index-set.ts";
import type { PlanOptions } from "../../../src/plan/plan-options.ts";
import type { PlanLimits, PlanRequest, WantedExpr } from "../../../src/plan/plan-request.ts";
import { type ExplainedPlan, planTargets } from "../../../src/plan/planner.ts";

/** Memory nobody reaches in these tests. */
export const roomyLimits: PlanLimits = { workerMemoryBytes: 2 ** 30, reservedMemoryBytes: 2 ** 26 };

/** Plans the expressions as a client would, for workers with room. */
export function planOf(
  targets: readonly (Expr | WantedExpr)[],
  request: Partial<Omit<PlanRequest, "targets">> & { options?: Partial<PlanOptions> } = {},
): ExplainedPlan {
  let next = 0;
  return planTargets({
    limits: roomyLimits,
    nextStageId: () => makeStageId(next++),
    runNonce: "run",
    ...request,
    targets: targets.map((target) =>
      "expr" in target ? target : { expr: target, indexes: allIndexes },
    ),
  });
}
