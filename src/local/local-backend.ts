import { fileURLToPath } from "node:url";
import type { Backend } from "../backend/backend.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import type { Invoker } from "../backend/invoker.ts";
import { realClock } from "../backend/real-clock.ts";
import { cacheBytes, reservedMemoryBytes } from "../backend/reserved-memory.ts";
import type { RunStore } from "../backend/run-store.ts";
import { engineProgram } from "../base/engine-place.ts";
import { UserSources } from "../sources/user-sources.ts";
import { FileRunStore } from "./file-run-store.ts";
import { FileStore } from "./file-store.ts";
import { nodeFileSystem } from "./file-system.ts";
import { InlineInvoker } from "./inline-invoker.ts";
import { checkLocalOptions, type LocalOptions } from "./local-options.ts";
import { MemoryRunStore, MemoryStore } from "./memory-store.ts";
import { ProcessPool } from "./process-pool.ts";
import { requireWritable } from "./publish.ts";
import type { WorkerOutput } from "./spawn-worker.ts";
import type { WorkerSettings } from "./worker-process.ts";

/**
 * One message: a worker holds about three times as much while it reads it, and the smallest workers have 40 MiB for
 * their tasks. Given chunks beyond it go through the store.
 */
const payloadBytesMax = 8 * 2 ** 20;
/** Sending, receiving and waking up, both ways: measured by the benchmark `submit-roundtrip`. */
const invocationOverheadMs = 0.5;
const graceMs = 2000;
const pace = { growMs: 200, shrinkMs: 10_000 };

/** The embedded default: worker processes of this program, and files in one folder that they share. */
export function localBackend(options?: LocalOptions): Backend {
  const checked = checkLocalOptions(options);
  const { storeRoot, workerMemoryBytes } = checked;
  const { store, runs, closeRuns } = stores(storeRoot);
  const sources = new UserSources(process.cwd());
  const invoker: Invoker =
    checked.inline || storeRoot === undefined
      ? new InlineInvoker({ store, sources })
      : new ProcessPool({
          worker: workerSettings(storeRoot, workerMemoryBytes),
          scale: checked.scale,
          pace,
          clock: realClock,
        });
  return {
    name: "local",
    store,
    runs,
    sources,
    invoker,
    clock: realClock,
    limits: {
      workerMemoryBytes,
      reservedMemoryBytes: reservedMemoryBytes(workerMemoryBytes),
      payloadBytesMax,
      invocationMsMax: Number.POSITIVE_INFINITY,
      invocationOverheadMs,
    },
    random: Math.random,
    close: async () => {
      await invoker.close();
      sources.close();
      closeRuns();
    },
  };
}

function stores(root: string | undefined): {
  readonly store: ChunkStore;
  readonly runs: RunStore;
  closeRuns(): void;
} {
  if (root === undefined) {
    return { store: new MemoryStore(), runs: new MemoryRunStore(), closeRuns: () => {} };
  }
  requireWritable(nodeFileSystem, root);
  const runs = new FileRunStore(root);
  return { store: new FileStore(root), runs, closeRuns: () => runs.close() };
}

function workerSettings(storeRoot: string, memoryBytes: number): WorkerSettings {
  return {
    entry: fileURLToPath(engineProgram("local/process-main")),
    config: {
      storeRoot,
      clientPid: process.pid,
      memoryBytes,
      reservedMemoryBytes: reservedMemoryBytes(memoryBytes),
      cacheBytes: cacheBytes(memoryBytes),
      ownCompileCache: process.env["NODE_COMPILE_CACHE"] === undefined,
    },
    output: terminal,
    graceMs,
  };
}

const terminal: WorkerOutput = {
  stdout: (lines) => {
    process.stdout.write(lines);
  },
  stderr: (lines) => {
    process.stderr.write(lines);
  },
};
