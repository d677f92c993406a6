import type { Backend } from "../backend/backend.ts";
import type { RunId } from "../base/ids.ts";
import { blobsOf } from "../code/capture.ts";
import type { Expr } from "../plan/expr.ts";
import type { Driver, JobHandle } from "../schedule/driver.ts";
import type { RunKeeper } from "../schedule/run-keeper.ts";
import type { StageTable } from "./stage-table.ts";
import type { Uploads } from "./uploads.ts";

/** Jobs that are under way. */
export interface ActiveJobs {
  add(handle: JobHandle): void;
  delete(handle: JobHandle): void;
  /** After Ctrl-C: resolves when no task runs any more. */
  quiet(): Promise<void>;
  /** True once the user pressed Ctrl-C: nothing new begins. */
  readonly interrupted: boolean;
}

/** What a client runs work with. */
export interface Engine {
  readonly backend: Backend;
  readonly driver: Driver;
  readonly keeper: RunKeeper;
  readonly stages: StageTable;
  /** The run that all futures of this client belong to. It has no record: it is never resumed and pins nothing. */
  readonly session: RunId;
  readonly uploads: Uploads;
  /** Jobs that somebody waits for: what Ctrl-C cancels. */
  readonly active: ActiveJobs;
}

/** Puts the large captured data of all functions below `exprs` into the store; no task starts before it is there. */
export function uploadBlobs(engine: Engine, exprs: readonly Expr[]): void {
  forEachExpr(exprs, (expr) => {
    for (const shipped of expr.functions) {
      if (shipped.blobs.length === 0) continue;
      for (const [hash, bytes] of blobsOf(shipped)) engine.uploads.add(hash, bytes);
    }
  });
}

function forEachExpr(roots: readonly Expr[], visit: (expr: Expr) => void): void {
  const seen = new Set<Expr>();
  const open = [...roots];
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    visit(expr);
    open.push(...expr.children);
  }
}

/** Ends what runs and closes everything, the backend included. */
export async function closeEngine(engine: Engine): Promise<void> {
  await engine.driver.close();
  await engine.keeper.close();
  await engine.backend.close();
}
