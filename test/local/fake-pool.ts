import path from "node:path";
import { realClock } from "../../src/backend/real-clock.ts";
import type { Invocation, InvocationOutcome } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../../src/base/ids.ts";
import { type PoolOptions, ProcessPool } from "../../src/local/process-pool.ts";
import type { WorkerConfig } from "../../src/local/worker-config.ts";

const mebibyte = 2 ** 20;

/** What workers of these tests are told. */
export function fakeConfig(changes: Partial<WorkerConfig> = {}): WorkerConfig {
  return {
    storeRoot: "",
    clientPid: process.pid,
    memoryBytes: 512 * mebibyte,
    reservedMemoryBytes: 64 * mebibyte,
    cacheBytes: 0,
    ownCompileCache: false,
    ...changes,
  };
}

/** Lines that workers printed. */
export interface Printed {
  readonly stdout: string[];
  readonly stderr: string[];
}

/** A pool of processes that run fake-worker.ts, ended with its scope. */
export function fakePool(
  workers: number | { min: number; max: number },
  changes: Partial<PoolOptions["worker"]> & Partial<Pick<PoolOptions, "clock" | "pace">> = {},
): { readonly pool: ProcessPool; readonly printed: Printed } & AsyncDisposable {
  const printed: Printed = { stdout: [], stderr: [] };
  const { clock = realClock, pace = { growMs: 1, shrinkMs: 1 }, ...worker } = changes;
  const range = typeof workers === "number" ? { min: workers, max: workers } : workers;
  const pool = new ProcessPool({
    worker: {
      entry: path.join(import.meta.dirname, "fake-worker.ts"),
      config: fakeConfig(),
      output: {
        stdout: (lines) => printed.stdout.push(Buffer.from(lines).toString()),
        stderr: (lines) => printed.stderr.push(Buffer.from(lines).toString()),
      },
      graceMs: 50,
      ...worker,
    },
    scale: range,
    pace,
    clock,
  });
  pool.hold(true);
  return { pool, printed, [Symbol.asyncDispose]: () => pool.close() };
}

/** An invocation whose tasks do what `actions` say. */
export function invocation(
  actions: readonly string[],
  changes: Partial<Invocation> = {},
): Invocation {
  return {
    protocol: 1,
    run: makeRunId("run"),
    id: makeInvocationId(1),
    stage: {
      name: nameOf("stage"),
      label: "fake",
      count: actions.length,
      singles: [],
      store: false,
      nonce: "",
    },
    program: { id: nameOf("program"), steps: [], functions: [] },
    tasks: actions.map((action, index) => ({
      index,
      attempt: 1,
      inputs: [],
      own: new TextEncoder().encode(action),
    })),
    ...changes,
  };
}

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** What the tasks answered. */
export function answers(outcome: InvocationOutcome): string[] {
  return outcome.results.map((result) =>
    result.status === "done" ? new TextDecoder().decode(result.output.inline) : "failed",
  );
}
