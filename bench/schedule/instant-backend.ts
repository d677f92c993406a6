import type { Backend } from "../../src/backend/backend.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../../src/backend/task.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";

const measures = {
  startMs: 0,
  readMs: 0,
  runMs: 0.02,
  writeMs: 0,
  readBytes: 0,
  peakBytes: 0,
};
/** What a small number is as a chunk. */
const resultBytes = 16;

/** How much was written to journals. */
export interface InstantBackend extends Backend {
  journaledBytes: number;
}

/** A backend that answers every task at once with a few bytes, and throws the journal away once it has it. */
export function instantBackend(slots: number, onInvoke: () => void): InstantBackend {
  const inline = new Uint8Array(resultBytes);
  const output = { bytes: resultBytes, rows: 1, checksum: 1, inline };
  const invoke = ({ tasks }: Invocation): Promise<InvocationOutcome> => {
    onInvoke();
    const results = tasks.map(
      ({ index, attempt }): TaskResult => ({
        status: "done",
        index,
        attempt,
        output,
        existed: false,
        lazy: false,
        measures,
      }),
    );
    return Promise.resolve({ kind: "answered", worker: 0, results });
  };
  const backend: InstantBackend = {
    name: "instant",
    journaledBytes: 0,
    store: new MemoryStore(),
    runs: {
      append: (_name, bytes) => {
        backend.journaledBytes += bytes.byteLength;
      },
      replace: () => Promise.resolve(true),
      get: () => Promise.resolve(undefined),
      list: () => Promise.resolve([]),
      delete: () => Promise.resolve(),
      deleteVersion: () => Promise.resolve(true),
    },
    sources: {
      expand: () => Promise.resolve([]),
      read: () => {
        throw new Error("no sources here");
      },
      write: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    },
    invoker: {
      invoke,
      slots,
      onSlots: () => () => undefined,
      scale: () => undefined,
      hold: () => undefined,
      close: () => Promise.resolve(),
    },
    clock: { now: () => performance.timeOrigin + performance.now(), after: () => () => undefined },
    limits: {
      workerMemoryBytes: 2 ** 30,
      reservedMemoryBytes: 0,
      payloadBytesMax: 64 * 2 ** 20,
      invocationMsMax: Number.POSITIVE_INFINITY,
      invocationOverheadMs: 0.5,
    },
    random: () => 0.5,
    close: () => Promise.resolve(),
  };
  return backend;
}
