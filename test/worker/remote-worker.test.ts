import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  decodeReply,
  encodeInvocation,
  retiredExitCode,
  type WorkerReply,
} from "../../src/backend/invocation-codec.ts";
import { type Invocation, inlineBytesMax } from "../../src/backend/task.ts";
import { present } from "../../src/base/assert.ts";
import { currentTask } from "../../src/base/current-task.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { capture } from "../../src/code/capture.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import type { ChunkReader } from "../../src/worker/local-copies.ts";
import { RemoteWorker, type RemoteWorkerOptions } from "../../src/worker/remote-worker.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { calls, encoded } from "../support/calls.ts";

const unused = (): never => {
  throw new Error("not used");
};
const mebibyte = 2 ** 20;

class Ended extends Error {}

/** A worker in this process; `exit` throws instead of ending it. */
function worker(changes: Partial<RemoteWorkerOptions> = {}): RemoteWorker {
  return new RemoteWorker({
    store: new MemoryStore(() => 0),
    sources: { expand: unused, read: unused, write: unused, remove: unused },
    memoryBytes: 400 * mebibyte,
    reservedMemoryBytes: 100 * mebibyte,
    replyBytesMax: mebibyte,
    memory: { residentBytes: () => 0, collectGarbage: () => {} },
    exit: (code) => {
      throw new Ended(String(code));
    },
    ...changes,
  });
}

async function answer(
  to: RemoteWorker,
  invocation: Invocation,
  leftMs = 60_000,
): Promise<WorkerReply> {
  return decodeReply(await to.answer(encodeInvocation(invocation), leftMs));
}

/** Values of the tasks that were done, kinds of failure of the others. */
function ends({ results }: WorkerReply): unknown[] {
  return results.map((result) =>
    result.status === "failed"
      ? result.failure.kind
      : decodeChunk(result.output.inline ?? new Uint8Array()),
  );
}

const double = capture((n: number) => n * 2);

describe("a worker behind calls", () => {
  test("answers with results, and says which call of its process it was", async () => {
    const one = worker();
    const first = await answer(one, calls(double, [1, 2]));
    const second = await answer(one, calls(double, [3]));
    expect([...ends(first), ...ends(second)]).toEqual([2, 4, 6]);
    expect([first.invocations, second.invocations]).toEqual([1, 2]);
    expect(second.environment).toBe(first.environment);
    expect((await answer(worker(), calls(double, []))).environment).not.toBe(first.environment);
  });

  test("reads what many tasks take from its copies, and forgets the one that a task failed of", async () => {
    const keys = ["tmp/good", "tmp/none"].map(makeChunkKey);
    const stored = new MemoryStore(() => 0);
    await stored.putIfAbsent(present(keys[0], "a key"), encoded(21));
    const forgotten: string[] = [];
    const copies: ChunkReader = {
      get: (key) => stored.get(key),
      getRange: (key, range) => stored.getRange(key, range),
      forget: (key) => forgotten.push(key),
    };
    const tasks = keys.map((key, index) => ({
      index,
      attempt: 1,
      inputs: [[{ key, broadcast: true }]],
    }));
    const reply = await answer(worker({ copies }), calls(double, [], { tasks }));
    expect(ends(reply)).toEqual([42, "lost-input"]);
    expect(forgotten).toEqual(["tmp/none"]);
  });

  test("hands back what does not fit into its reply", async () => {
    const large = capture((n: number) => "x".repeat(n));
    const values = new Array<number>(40).fill(inlineBytesMax - 200);
    const reply = await answer(worker(), calls(large, values));
    const done = reply.results.filter(({ status }) => status === "done").length;
    // 32 results of 32 KiB are a mebibyte, each with something around it.
    expect(done).toBeGreaterThanOrEqual(29);
    expect(done).toBeLessThan(32);
    expect(ends(reply).slice(done)).toEqual(new Array(40 - done).fill("returned"));
    expect(reply.failure).toBeUndefined();
  });

  test("answers when its time is nearly over, with what was done; then it runs nothing any more", async () => {
    const stuck = capture((n: number) =>
      n === 2 ? new Promise((resolve) => setTimeout(resolve, 60_000)) : n,
    );
    const one = worker();
    await answer(one, calls(stuck, [0])); // What runs tasks is loaded in time.
    const reply = await answer(one, calls(stuck, [1, 2, 3]), 1100);
    expect(ends(reply)).toEqual([1]);
    expect(reply.failure).toEqual({ kind: "timeout", afterMs: 100 });
    await expect(answer(one, calls(double, [1]))).rejects.toThrow(String(retiredExitCode));
  });

  test("has the signal of a task fire when its time is nearly over", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "fired");
    const listens = capture((where: string) => {
      const { signal } = currentTask() ?? {};
      const fired = (): void => writeFileSync(where, String(signal?.reason));
      signal?.addEventListener("abort", fired);
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    });
    const reply = await answer(worker(), calls(listens, [file]), 1500);
    expect(reply.failure).toEqual({ kind: "timeout", afterMs: 500 });
    expect(readFileSync(file, "utf8")).toContain("ran longer than its limit of 500 ms");
  });

  test("answers before its memory is used up, while the task waits", async () => {
    let bytes = 200 * mebibyte;
    const memory = { residentBytes: () => (bytes += 50 * mebibyte), collectGarbage: () => {} };
    const waits = capture((n: number) =>
      n === 1 ? n : new Promise((resolve) => setTimeout(resolve, 60_000)),
    );
    const one = worker({ memory });
    const reply = await answer(one, calls(waits, [1, 2]));
    expect(ends(reply)).toEqual([1]);
    expect(reply.failure).toMatchObject({
      kind: "memory",
      detail: expect.stringContaining("MiB") as unknown,
    });
    await expect(answer(one, calls(double, [1]))).rejects.toThrow(Ended);
  });

  test("goes on when what it used too much of was garbage", async () => {
    let bytes = 500 * mebibyte;
    const collectGarbage = (): void => {
      bytes = 100 * mebibyte;
    };
    const waits = capture(async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return n;
    });
    const one = worker({ memory: { residentBytes: () => bytes, collectGarbage } });
    const reply = await answer(one, calls(waits, [1]));
    expect(ends(reply)).toEqual([1]);
    expect(reply.failure).toBeUndefined();
    expect(bytes).toBe(100 * mebibyte);
  });

  test("that keeps too much memory after its tasks is not used again", async () => {
    const memory = { residentBytes: () => 300 * mebibyte, collectGarbage: () => {} };
    const one = worker({ memory });
    expect(ends(await answer(one, calls(double, [1])))).toEqual([2]);
    await expect(answer(one, calls(double, [1]))).rejects.toThrow(Ended);
  });
});
