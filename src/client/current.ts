import type { BackendLimits } from "../backend/backend.ts";
import { reservedMemoryBytes } from "../backend/reserved-memory.ts";
import { currentTask } from "../base/current-task.ts";
import { LambdaskError } from "../base/errors.ts";
import { isWorkerProcess } from "../base/worker-process.ts";
import { requireSupportedRuntime } from "../code/runtime.ts";
import { freezeSettings, setting } from "../config/resolve.ts";
import { checkLocalOptions } from "../local/local-options.ts";
import { closeEngine, type Engine } from "./engine.ts";
import { newestClient } from "./open-clients.ts";
import { watchProgress } from "./progress/watch.ts";
import { hooksOf, runClientHook, tellingHooks } from "./set-up-hooks.ts";

let embedded: Engine | undefined;
let starting: Promise<Engine> | undefined;
/** How to close what was started. */
const atExit = new Map<Engine, () => Promise<void>>();

/** The newest open client's engine; else the embedded default, which starts now. */
export async function currentEngine(): Promise<Engine> {
  refuseInTask("compute");
  const newest = newestClient();
  if (newest) return newest.engine;
  // What `setUpClient` was given may have been closed by whoever has it.
  if (embedded?.isClosed) {
    starting = undefined;
    embedded = undefined;
  }
  starting ??= startEmbedded();
  const engine = starting;
  try {
    return await engine;
  } catch (error) {
    // The next call may find what was missing; another may have begun to look for it.
    if (starting === engine) starting = undefined;
    throw error;
  }
}

async function startEmbedded(): Promise<Engine> {
  requireSupportedRuntime();
  const hooks = hooksOf();
  const settings = tellingHooks(freezeSettings(), hooks);
  const progress = setting("progress");
  // Loaded when it is needed: programs that only build lazy work start faster.
  const { openLocalEngine } = await import("./open-engine.ts");
  const engine = openLocalEngine(undefined, { settings, hooks });
  embedded = engine;
  watchProgress(engine, progress);
  const close = await setUpEmbedded(engine);
  // Its workers do not keep the program alive; when nothing else does, they are told to end.
  for (const other of atExit.keys()) if (other.isClosed) atExit.delete(other);
  atExit.set(engine, close);
  process.off("beforeExit", endEmbedded).once("beforeExit", endEmbedded);
  return engine;
}

function endEmbedded(): void {
  embedded = undefined;
  starting = undefined;
  for (const close of atExit.values()) void close();
  atExit.clear();
}

/** Gives a client of the embedded engine to `setUpClient`, if there is one; how to close what there is then. */
async function setUpEmbedded(engine: Engine): Promise<() => Promise<void>> {
  if (engine.hooks.client === undefined) return () => closeEngine(engine);
  const { Client } = await import("./client.ts");
  const client = new Client(engine);
  await runClientHook(engine.hooks, client);
  return () => client.close();
}

/** Throws LAZY_MISUSE in a worker, inside a task or in a module that one imports: work is started by programs only. */
export function refuseInTask(what: string): void {
  if (!currentTask() && isWorkerProcess()) {
    throw new LambdaskError("LAZY_MISUSE", {
      message: `${what}: a module that a task imports cannot start work: it runs in the worker`,
      fix: "keep what starts work in the file you start, and move what tasks import to modules of their own",
    });
  }
  if (!currentTask()) return;
  throw new LambdaskError("LAZY_MISUSE", {
    message: `${what}: a task cannot start work itself`,
    fix: "return the delayed value: it is computed for you",
  });
}

/** Memory of the workers that the next `compute` would use; starts none. */
export function currentLimits(): Pick<BackendLimits, "workerMemoryBytes" | "reservedMemoryBytes"> {
  const engine = newestClient()?.engine ?? embedded;
  if (engine) return engine.backend.limits;
  const { workerMemoryBytes } = checkLocalOptions(undefined);
  return { workerMemoryBytes, reservedMemoryBytes: reservedMemoryBytes(workerMemoryBytes) };
}
