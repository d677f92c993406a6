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
  return works.map((work, position) => {
    const target = started.targets.findIndex((each) => each.works.includes(position));
    const expr = keptExpr(started.stages.live(target), work.expr);
    return { work: { ...work, expr }, handle: handle() };
  });
}

/** Handles on one run: the last release lets it go. */
function sharedHandle(engine: Engine, started: StartedRun, count: number): () => KeptHandle {
  let left = count;
  return () => {
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        left -= 1;
        if (left > 0) return;
        started.handle.release({ kept: true });
        started.stages.release();
        // Only closing waits for it; a store that fails here keeps a little too much.
        engine.driver.afterDeletions(() => started.run.finish()).catch(() => undefined);
      },
    };
  };
}
