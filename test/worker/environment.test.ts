import { describe, expect, test } from "vitest";
import { blobKey } from "../../src/backend/chunk-key.ts";
import { type Invocation, protocolVersion, type TaskResult } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeInvocationId, makeRunId } from "../../src/base/ids.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { capture } from "../../src/code/capture.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { workerEnvironment } from "../../src/worker/environment.ts";
import { runInvocation } from "../../src/worker/run-task.ts";
import { done, failed, inline, stageName } from "./harness.ts";

const noSources = {
  expand: () => Promise.reject(new Error("no sources")),
  read: () => {
    throw new Error("no sources");
  },
  write: () => Promise.reject(new Error("no sources")),
  remove: () => Promise.reject(new Error("no sources")),
};

/** Runs one task that calls `fn`, shipped as it would be to another process, on `argument`. */
async function runShipped(
  fn: (argument: number) => unknown,
  store: MemoryStore,
): Promise<readonly TaskResult[]> {
  const shipped = capture(fn);
  const invocation: Invocation = {
    protocol: protocolVersion,
    run: makeRunId("run"),
    id: makeInvocationId(1),
    stage: { name: stageName, label: "call", count: 1, singles: [true], store: false, nonce: "" },
    program: {
      id: nameOf(["call", shipped.id]),
      steps: [{ operation: "call", arguments: [{ input: 0 }], functions: [0] }],
      functions: [shipped],
    },
    tasks: [{ index: 0, attempt: 1, inputs: [[await inline(5)]] }],
  };
  const environment = workerEnvironment({ store, sources: noSources });
  return runInvocation(invocation, environment, { signal: new AbortController().signal });
}

describe("a worker's environment", () => {
  test("runs functions as they were captured, with their captured values", async () => {
    const offset = { by: 10n };
    const scale = (n: number): bigint => BigInt(n) * offset.by;

    const results = await runShipped((n) => ({ scaled: scale(n) }), new MemoryStore(() => 0));

    expect(decodeChunk(done(results).output.inline ?? new Uint8Array())).toEqual({ scaled: 50n });
  });

  test("tells the real time and the process's memory", async () => {
    const environment = workerEnvironment({ store: new MemoryStore(() => 0), sources: noSources });
    const before = Date.now();

    const nowMs = environment.now();

    expect(Math.abs(nowMs - before)).toBeLessThan(60_000);
    // The peak is never below what is resident now, but for pages that were counted in between.
    expect(environment.peakBytes()).toBeGreaterThan(process.memoryUsage.rss() / 2);
  });

  test("whose store has lost captured data says which object is missing", async () => {
    const data = new Uint8Array(4_000_000).fill(7);
    const fn = (n: number): number => (data[n] ?? 0) + n;
    const [blob] = capture(fn).blobs;

    const { failure } = failed(await runShipped(fn, new MemoryStore(() => 0)));

    expect(blob).not.toBe(undefined);
    expect(failure).toEqual({ kind: "lost-input", key: blob && blobKey(blob) });
  });
});
