import type { Backend } from "../../../src/backend/backend.ts";
import type {
  InputRef,
  Invocation,
  InvocationOutcome,
  TaskResult,
  TaskSpec,
} from "../../../src/backend/task.ts";
import { seededRandom } from "../../../src/base/seeded-random.ts";
import { MemoryRunStore, MemoryStore } from "../../../src/local/memory-store.ts";

/** What a task of a stage does: a number from numbers, or a result said outright. */
export type Answer = (
  task: TaskSpec,
  inputs: readonly (readonly number[])[],
  invocation: Invocation,
) => number | TaskResult;

const measures = { startMs: 0, readMs: 0, runMs: 1, writeMs: 0, readBytes: 0, peakBytes: 0 };

/** The bytes of a number as this backend's chunks have them. */
export function bytesOf(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

/** The number in the bytes. */
export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

/** A finished task's answer. */
export function doneWith(task: TaskSpec, value: number): TaskResult {
  const inline = bytesOf(value);
  const output = { bytes: inline.byteLength, rows: 1, checksum: 0, inline };
  const { index, attempt } = task;
  return { status: "done", index, attempt, output, existed: false, lazy: false, measures };
}

/** A failed task's answer. */
export function failedWith(
  task: TaskSpec,
  failure: Extract<TaskResult, { status: "failed" }>["failure"],
): TaskResult {
  return { status: "failed", index: task.index, attempt: task.attempt, failure, measures };
}

/** What a number backend may be told besides. */
export interface NumberOptions {
  readonly slots?: number;
  readonly payloadBytesMax?: number;
  /** Says what becomes of a whole invocation; `undefined`: its tasks are answered one by one. */
  readonly onInvoke?: (
    invocation: Invocation,
  ) => InvocationOutcome | Promise<InvocationOutcome> | undefined;
}

/** A backend on which chunks are numbers and workers answer at once, in this process. */
export function numberBackend(
  answer: Answer,
  options: NumberOptions = {},
): Backend & { readonly invocations: Invocation[]; nowMs: number; readonly store: MemoryStore } {
  const { slots = 2, payloadBytesMax = 1 << 20 } = options;
  const store = new MemoryStore(() => 0);
  const invocations: Invocation[] = [];
  const random = seededRandom(1);
  const read = async (ref: InputRef): Promise<number> => {
    const bytes = "inline" in ref ? ref.inline : await store.get(ref.key);
    if (bytes === undefined) throw new Error("a chunk is missing");
    return numberOf(bytes);
  };
  const invoke = async (invocation: Invocation): Promise<InvocationOutcome> => {
    invocations.push(invocation);
    const outcome = options.onInvoke?.(invocation);
    if (outcome !== undefined) return outcome;
    const results: TaskResult[] = [];
    for (const task of invocation.tasks) {
      const inputs = await Promise.all(task.inputs.map((slot) => Promise.all(slot.map(read))));
      const value = answer(task, inputs, invocation);
      results.push(typeof value === "number" ? doneWith(task, value) : value);
    }
    return { kind: "answered", worker: 0, results };
  };
  const timers: { atMs: number; wake: () => void }[] = [];
  const backend = {
    name: "numbers",
    invocations,
    nowMs: 0,
    store,
    runs: new MemoryRunStore(),
    sources: noSources,
    invoker: {
      invoke,
      slots,
      onSlots: () => () => undefined,
      scale: () => undefined,
      hold: () => undefined,
      close: () => Promise.resolve(),
    },
    clock: {
      now: () => backend.nowMs,
      // Time stands still until everybody waits: then it jumps to the next timer.
      after: (delayMs: number, wake: () => void) => {
        const timer = { atMs: backend.nowMs + delayMs, wake };
        timers.push(timer);
        setImmediate(() => {
          const at = timers.indexOf(timer);
          if (at < 0) return;
          timers.splice(at, 1);
          backend.nowMs = Math.max(backend.nowMs, timer.atMs);
          wake();
        });
        return () => {
          const at = timers.indexOf(timer);
          if (at >= 0) timers.splice(at, 1);
        };
      },
    },
    limits: {
      workerMemoryBytes: 1 << 30,
      reservedMemoryBytes: 0,
      payloadBytesMax,
      invocationMsMax: Number.POSITIVE_INFINITY,
      invocationOverheadMs: 0.5,
    },
    random: random.next,
    close: () => Promise.resolve(),
  };
  return backend;
}

const noSources: Backend["sources"] = {
  expand: () => Promise.resolve([]),
  read: () => {
    throw new Error("no sources here");
  },
  write: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};
