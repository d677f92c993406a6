import type { Backend } from "../backend/backend.ts";
import type { RunId } from "../base/ids.ts";
import type { FrozenSettings } from "../config/resolve.ts";
import type { Driver, JobHandle } from "../schedule/driver.ts";
import type { RunKeeper } from "../schedule/run-keeper.ts";
import type { StageTable } from "./stage-table.ts";

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
  /** What held when it was opened. */
  readonly settings: FrozenSettings;
  /** The run that all futures of this client belong to. It is never resumed. */
  readonly session: RunId;
  /** Jobs that somebody waits for: what Ctrl-C cancels. */
  readonly active: ActiveJobs;
  /** Results of its futures are gone, or going. */
  isClosed: boolean;
}

/** Ends what runs and closes everything, the backend included. */
export async function closeEngine(engine: Engine): Promise<void> {
  engine.isClosed = true;
  await engine.driver.close();
  await engine.keeper.close();
  await engine.backend.close();
}
