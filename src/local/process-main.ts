import { Socket } from "node:net";
import { markWorkerProcess } from "../base/worker-process.ts";
import { UserSources } from "../sources/user-sources.ts";
import { CachingStore } from "../worker/caching-store.ts";
import { failCurrentTask, failUnsettled } from "../worker/current-task.ts";
import { workerEnvironment } from "../worker/environment.ts";
import { processMemory, shouldRecycle } from "../worker/memory-pressure.ts";
import { runInvocation } from "../worker/run-task.ts";
import { FileStore } from "./file-store.ts";
import { serve } from "./serve.ts";
import { startWatchdog } from "./watchdog.ts";
import { messagesFd, type WorkerConfig } from "./worker-config.ts";

/** The program of a worker process: the pool that starts it writes its configuration. */
const config = JSON.parse(process.argv[2] ?? "") as WorkerConfig;
markWorkerProcess();
startWatchdog(config);
if (config.ownCompileCache) delete process.env["NODE_COMPILE_CACHE"];

const store = new CachingStore(new FileStore(config.storeRoot), {
  bytesMax: config.cacheBytes,
  objectBytesMax: config.cacheBytes / 8,
});
const environment = workerEnvironment({ store, sources: new UserSources(process.cwd()) });

// A task whose error comes past its promise has failed, and what it left behind is not trusted: this worker is replaced
// after the invocation. Errors outside of tasks are defects of the worker and end it.
let strayed = false;
const onStray = (error: unknown): void => {
  strayed = true;
  const outcome = failCurrentTask(error);
  if (outcome === "failed") return;
  console.error("thrown outside of a running task:", error);
  if (outcome === "no-task") process.exit(1);
};
process.on("uncaughtException", onStray);
process.on("unhandledRejection", onStray);

serve(new Socket({ fd: messagesFd }), {
  run: async (invocation, { onResult, ...hooks }) => {
    await runInvocation(invocation, environment, {
      ...hooks,
      onResult: (result) => {
        // What was found wrong must be read anew when it has been made again.
        if (result.status === "failed" && "key" in result.failure) store.forget(result.failure.key);
        onResult?.(result);
      },
    });
  },
  failUnsettled,
  shouldRecycle: () => strayed || shouldRecycle(config, processMemory),
  onClosed: () => process.exit(),
});
