import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Backend } from "../backend/backend.ts";
import type { Invoker } from "../backend/invoker.ts";
import { UserSources } from "../sources/user-sources.ts";
import { FileRunStore } from "./file-run-store.ts";
import { FileStore } from "./file-store.ts";
import { InlineInvoker } from "./inline-invoker.ts";
import { type CheckedLocalOptions, checkLocalOptions, type LocalOptions } from "./local-options.ts";
import { ProcessPool } from "./process-pool.ts";
import { realClock } from "./real-clock.ts";
import { cacheBytes, reservedMemoryBytes } from "./reserved-memory.ts";
import type { WorkerOutput } from "./spawn-worker.ts";

/** One message: far more than the scheduler puts into one, and what both ends hold in memory with ease. */
const payloadBytesMax = 256 * 2 ** 20;
/** Sending, receiving and waking up, both ways: measured by the benchmark `submit-roundtrip`. */
const invocationOverheadMs = 0.5;
const graceMs = 2000;
const pace = { growMs: 200, shrinkMs: 10_000 };

/** The embedded default: worker processes of this program, and files in one folder that they share. */
export function localBackend(options?: LocalOptions): Backend {
  const checked = checkLocalOptions(options);
  const store = new FileStore(checked.storeRoot);
  const runs = new FileRunStore(checked.storeRoot);
  const sources = new UserSources(process.cwd());
  const invoker: Invoker = checked.inline
    ? new InlineInvoker({ store, sources })
    : processPool(checked);
  return {
    name: "local",
    store,
    runs,
    sources,
    invoker,
    clock: realClock,
    limits: {
      workerMemoryBytes: checked.workerMemoryBytes,
      reservedMemoryBytes: reservedMemoryBytes(checked.workerMemoryBytes),
      payloadBytesMax,
      invocationMsMax: Number.POSITIVE_INFINITY,
      invocationOverheadMs,
    },
    random: Math.random,
    close: async () => {
      await invoker.close();
      runs.close();
    },
  };
}

function processPool({ scale, storeRoot, workerMemoryBytes }: CheckedLocalOptions): ProcessPool {
  return new ProcessPool({
    worker: {
      entry: processMain,
      config: {
        storeRoot,
        clientPid: process.pid,
        memoryBytes: workerMemoryBytes,
        reservedMemoryBytes: reservedMemoryBytes(workerMemoryBytes),
        cacheBytes: cacheBytes(workerMemoryBytes),
        ownCompileCache: process.env["NODE_COMPILE_CACHE"] === undefined,
      },
      output: terminal,
      graceMs,
    },
    scale,
    pace,
    clock: realClock,
  });
}

/** The workers' program lies beside this file: as TypeScript in the sources, as JavaScript in the package. */
const processMain = fileURLToPath(
  new URL(`process-main${path.extname(import.meta.url)}`, import.meta.url),
);

const terminal: WorkerOutput = {
  stdout: (lines) => {
    process.stdout.write(lines);
  },
  stderr: (lines) => {
    process.stderr.write(lines);
  },
};
