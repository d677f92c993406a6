import { Worker } from "node:worker_threads";
import { lastWordsFd, type WorkerConfig } from "./worker-config.ts";

/**
 * The watchdog's whole program: a thread of its own, so that it works while the main thread is busy. It is text, not a
 * file, since a thread that loads no module starts in a few milliseconds. A thread cannot end its process by `exit`,
 * hence the signal; the reason goes to the client first.
 */
const program = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const end = () => process.kill(process.pid, "SIGKILL");
setInterval(() => {
  if (process.ppid !== workerData.clientPid) end();
  const bytes = process.memoryUsage.rss();
  if (bytes <= workerData.memoryBytes) return;
  try {
    writeSync(workerData.lastWordsFd, JSON.stringify({ bytes }));
  } finally {
    end();
  }
}, workerData.periodMs);
`;

const periodMs = 20;

/** Ends this process when it uses too much memory, or when its client is gone, whatever the main thread does. */
export function startWatchdog(config: Pick<WorkerConfig, "clientPid" | "memoryBytes">): void {
  const thread = new Worker(program, {
    eval: true,
    // None of the user's loaders and settings: they would cost time and memory here.
    execArgv: [],
    env: {},
    workerData: {
      clientPid: config.clientPid,
      memoryBytes: config.memoryBytes,
      lastWordsFd,
      periodMs,
    },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
}
