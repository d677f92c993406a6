import { present } from "../base/assert.ts";
import type { Expr } from "../plan/expr.ts";
import type { KeptHandle, LazyWork } from "./collection.ts";
import type { Engine } from "./engine.ts";
import { keptExpr } from "./kept-expr.ts";
import { Reading } from "./run-works.ts";
import { endRun, type RunOptions, type StartedRun, settle, startRun } from "./started-run.ts";

/** A work whose chunks are kept. */
export interface KeptWork {
  /** The same chunks, by the stage that the driver holds. */
  readonly work: LazyWork;
  readonly handle: KeptHandle;
}

/** Runs works and keeps their chunks. Rejects with the first error. */
export async function persistWorks(
  engine: Engine,
  works: readonly LazyWork[],
  options: RunOptions,
): Promise<KeptWork[]> {
  const started = await startRun(engine, works, options);
  const outcomes = await settle(engine, started);
  const failed = outcomes.some((outcome) => outcome.kind !== "done");
  if (failed) {
    const reading = new Reading(engine, { started, outcomes, options });
    const results = await Promise.all(works.map((work, i) => reading.result(work, i)));
    // Also what had been kept before something else failed.
    started.handle.release({ kept: true });
    await endRun(engine, started, outcomes);
    for (const result of results) if (result.kind === "error") throw result.error;
  }
  const handle = sharedHandle(engine, started, works.length);
  const exprs = keptExprs(started, works);
  return works.map((work, position) => {
    const expr = present(exprs[position], "a work's kept chunks");
    return { work: { ...work, expr }, handle: handle() };
  });
}

/** Per work, its chunks as they are kept: one expression for all works of a target, so that graphs see them as one. */
function keptExprs(started: StartedRun, works: readonly LazyWork[]): Expr[] {
  const exprs: Expr[] = [];
  for (const [number, target] of started.targets.entries()) {
    const live = started.stages.live(number);
    const byExpr = new Map<Expr, Expr>();
    for (const position of target.works) {
      const source = present(works[position], "a target's work").expr;
      const known = byExpr.get(source) ?? keptExpr(live, source);
      byExpr.set(source, known);
      exprs[position] = known;
    }
  }
  return exprs;
}

/** Handles on one run: the last release lets it go. */
function sharedHandle(engine: Engine, started: StartedRun, count: number): () => KeptHandle {
  let left = count;
  return () => {
    let held = true;
    return {
      isHeld: () => held && !engine.isClosed,
      release: () => {
        if (!held) return;
        held = false;
        left -= 1;
        if (left > 0) return;
        started.handle.release({ kept: true });
        started.stages.release();
        // Only closing waits for it; a store that fails here keeps a little too much.
        engine.driver.afterDeletions(() => started.shared.run.finish()).catch(() => undefined);
      },
    };
  };
}
