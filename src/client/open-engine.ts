import type { Backend } from "../backend/backend.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { OutputSummary } from "../backend/task.ts";
import { nameOf } from "../base/content-name.ts";
import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import { type ChunkKey, type ContentName, makeRunId } from "../base/ids.ts";
import { corruptChunk } from "../chunk/chunk-layout.ts";
import { readSummary } from "../chunk/stored-chunk.ts";
import { blobsOf } from "../code/capture.ts";
import type { FrozenSettings } from "../config/resolve.ts";
import { localBackend } from "../local/local-backend.ts";
import type { LocalOptions } from "../local/local-options.ts";
import { createDriver } from "../schedule/drive.ts";
import { createKeeper } from "../schedule/keeper.ts";
import { bundlingInvoker } from "./bundling-invoker.ts";
import { Coordination } from "./coordination/coordination.ts";
import type { Engine } from "./engine.ts";
import { InFlight } from "./in-flight.ts";
import { InterruptibleJobs } from "./interrupt.ts";
import type { Hooks } from "./set-up-hooks.ts";
import { StageTable } from "./stage-table.ts";
import { Topics } from "./topics.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** What an engine is opened with besides its backend. */
export interface EngineOptions {
  /** What its runs tell of. */
  readonly settings: FrozenSettings;
  readonly hooks: Hooks;
}

/** An engine on local processes. */
export function openLocalEngine(local: LocalOptions | undefined, options: EngineOptions): Engine {
  return openEngine(localBackend(local), options);
}

/** An engine on `given`, which is its own from now on. */
export function openEngine(given: Backend, { settings, hooks }: EngineOptions): Engine {
  const inFlight = new InFlight();
  const keeper = createKeeper({ ...given, settings });
  const session = makeRunId(
    `session-${nameOf([given.random(), given.random(), given.clock.now()])}`,
  );
  const { store } = given;
  const pin = (name: ContentName): Promise<void> => keeper.pin(session, [name]);
  const invoker = given.needsBundles
    ? bundlingInvoker(given.invoker, { store, pin })
    : given.invoker;
  const topics = new Topics();
  const backend: Backend = { ...given, invoker: inFlight.gate(topics.tap(invoker)) };
  const driver = createDriver({
    backend,
    keeper,
    blobsOf,
    readSummary: (key) => summaryOfStored(backend.store, key),
  });
  return {
    backend,
    driver,
    keeper,
    session,
    stages: new StageTable(),
    topics,
    inFlight,
    coordination: new Coordination(backend),
    waiting: new WaitingCalls(),
    forgotten: new Set(),
    hooks,
    settings,
    active: new InterruptibleJobs(inFlight),
    isClosed: false,
  };
}

async function summaryOfStored(
  store: ChunkStore,
  key: ChunkKey,
): Promise<OutputSummary | undefined> {
  const present = (bytes: Uint8Array | undefined): Uint8Array => {
    if (bytes === undefined) throw gone;
    return bytes;
  };
  try {
    return await readSummary({
      end: async (length) => present(await store.getRange(key, { offset: -length, length })),
      range: async (offset, length) => present(await store.getRange(key, { offset, length })),
      whole: async () => present(await store.get(key)),
      corrupt: corruptChunk,
    });
  } catch (error) {
    if (error === gone || isLambdaskError(error, "CORRUPT_CHUNK")) return undefined;
    throw error;
  }
}

const gone = new LambdaskError("STORE", { message: "a chunk is gone" });
