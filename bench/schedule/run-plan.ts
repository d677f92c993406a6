import { makeRunId } from "../../src/base/ids.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { allIndexes } from "../../src/plan/index-set.ts";
import { planTargets } from "../../src/plan/planner.ts";
import { createDriver } from "../../src/schedule/drive.ts";
import type { Driver, JobHandle } from "../../src/schedule/driver.ts";
import { type InstantBackend, instantBackend } from "./instant-backend.ts";

const slots = 4;

/** Work that was submitted to a backend that answers at once. */
export interface Submitted {
  readonly driver: Driver;
  readonly handle: JobHandle;
  readonly backend: InstantBackend;
}

/** Plans the expression and submits it, with a journal; `onInvoke` is called at every invocation. */
export function planAndSubmit(expr: Expr, onInvoke: () => void = () => undefined): Submitted {
  const backend = instantBackend(slots, onInvoke);
  const driver = createDriver({ backend, readSummary: () => Promise.resolve(undefined) });
  const plan = planTargets({
    targets: [{ expr, indexes: allIndexes }],
    limits: backend.limits,
    nextStageId: () => driver.nextStageId(),
    stageNamed: (name) => driver.stageNamed(name),
    runNonce: "bench",
  });
  const handle = driver.submit({
    run: makeRunId("bench"),
    name: "bench",
    plan,
    lookForChunks: false,
    journal: true,
    keep: "none",
    onError: "fail",
  });
  return { driver, handle, backend };
}

/** Milliseconds from the expression to its last result. */
export async function timeOf(expr: Expr): Promise<number> {
  const start = performance.now();
  const { driver, handle, backend } = planAndSubmit(expr);
  const [outcome] = await handle.outcomes;
  const took = performance.now() - start;
  if (outcome?.kind !== "done") throw new Error(`the work ended as ${outcome?.kind}`);
  if (backend.journaledBytes === 0) throw new Error("nothing was journaled");
  await driver.close();
  return took;
}

/** The middle one of three. */
export async function medianTimeOf(make: () => Expr): Promise<number> {
  const times = [await timeOf(make()), await timeOf(make()), await timeOf(make())];
  return times.sort((a, b) => a - b)[1] ?? Number.NaN;
}
