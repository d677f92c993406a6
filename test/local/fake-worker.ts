import fs from "node:fs";
import { Socket } from "node:net";
import type { Invocation, TaskResult } from "../../src/backend/task.ts";
import { serve } from "../../src/local/serve.ts";
import { startWatchdog } from "../../src/local/watchdog.ts";
import { messagesFd, type WorkerConfig } from "../../src/local/worker-config.ts";

/**
 * A worker process without kernels: each task does what its own data says. `params` of the only step, if given, are
 * what the worker does before it is ready.
 */
const config = JSON.parse(process.argv[2] ?? "{}") as WorkerConfig;

function measured(task: { index: number; attempt: number }, value: string): TaskResult {
  const inline = new TextEncoder().encode(value);
  return {
    status: "done",
    index: task.index,
    attempt: task.attempt,
    output: {
      bytes: inline.length,
      rows: 1,
      checksum: 0,
      inline,
      statistics: new Map([["n", -0]]),
    },
    existed: false,
    lazy: false,
    measures: { startMs: 0, readMs: 0, runMs: 0, writeMs: 0, readBytes: 0, peakBytes: 0 },
  };
}

async function perform(
  action: string,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<string> {
  const [verb = "", argument = ""] = action.split(" ");
  switch (verb) {
    case "echo":
      return argument;
    case "pid":
      return String(process.pid);
    case "functions":
      return String(invocation.program.functions.length);
    case "print":
      console.log(argument);
      console.error(`error ${argument}`);
      return argument;
    case "exit":
      return process.exit(Number(argument));
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    case "throw-later":
      setImmediate(() => {
        throw new Error("stray");
      });
      return new Promise(() => {});
    case "spin":
      fs.writeFileSync(argument, String(process.pid));
      for (;;);
    case "wait-for-abort":
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve("aborted"));
      });
    case "ignore-abort":
      return new Promise(() => {
        setInterval(() => {}, 1000);
      });
    case "wait-for-file":
      while (!fs.existsSync(argument)) await new Promise((resolve) => setTimeout(resolve, 5));
      return argument;
    case "fill-heap": {
      const rows: object[] = [];
      for (;;) rows.push({ row: rows.length, text: `text ${rows.length}` });
    }
    case "fill-buffers": {
      const buffers: Uint8Array[] = [];
      for (;;) buffers.push(new Uint8Array(4 * 2 ** 20).fill(1));
    }
    default:
      return `unknown ${verb}`;
  }
}

let finished = 0;
startWatchdog(config);
serve(new Socket({ fd: messagesFd }), {
  run: async (invocation, hooks) => {
    for (const task of invocation.tasks) {
      const action = new TextDecoder().decode(task.own);
      hooks.onResult?.(measured(task, await perform(action, invocation, hooks.signal)));
    }
  },
  failUnsettled: () => false,
  shouldRecycle: () => {
    finished += 1;
    return finished >= Number(process.env["FAKE_WORKER_RECYCLE_AFTER"] ?? "Infinity");
  },
  onClosed: () => process.exit(),
});
