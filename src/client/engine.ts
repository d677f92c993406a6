import type { Backend } from "../backend/backend.ts";
import type { RunId } from "../base/ids.ts";
import type { FrozenSettings } from "../config/resolve.ts";
import type { Driver, JobHandle } from "../schedule/driver.ts";
import type { RunKeeper } from "../schedule/run-keeper.ts";
import type { Coordination } from "./coordination/coordination.ts";
import type { InFlight } from "./in-flight.ts";
import type { Hooks } from "./set-up-hooks.ts";
import type { StageTable } from "./stage-table.ts";
import type { Topics } from "./topics.ts";
import type { WaitingCalls } from "./waiting-calls.ts";

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
  readonly topics: Topics;
  readonly inFlight: InFlight;
  readonly coordination: Coordination;
  /** Calls that have not begun yet. */
  readonly waiting: WaitingCalls;
  /** Calls that run to their ends before the client is closed. */
  readonly forgotten: Set<Promise<void>>;
  readonly hooks: Hooks;
  /** What held when it was opened. */
  readonly settings: FrozenSettings;
  /** The run that all futures of this client belong to. It is never resumed. */
  readonly session: RunId;
  /** Jobs that somebody waits for: what Ctrl-C cancels. */
  readonly active: ActiveJobs;
  /** Results of its futures are gone, or going. */
  isClosed: boolean;
}

/** Cancels all that was asked for, and ends the workers: new ones start when they are needed. */
export async function restartEngine(engine: Engine): Promise<void> {
  const { driver, backend, inFlight } = engine;
  engine.waiting.begin();
  driver.cancelAll();
  const { invoker } = backend;
  // Workers that cannot be ended finish what they run, however long that takes: nobody waits for it.
  if (invoker.restart === undefined) return;
  invoker.restart();
  await inFlight.idle();
}

/** Ends what runs and closes everything, the backend included; what must run to its end does so first. */
export async function closeEngine(engine: Engine): Promise<void> {
  engine.waiting.begin();
  while (engine.forgotten.size > 0) await Promise.all(engine.forgotten);
  engine.isClosed = true;
  engine.topics.close();
  await engine.driver.close();
  await engine.coordination.close();
  await engine.keeper.close();
  await engine.backend.close();
}
