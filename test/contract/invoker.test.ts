import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import { type InvocationOutcome, inlineBytesMax } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { capture } from "../../src/code/capture.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { type Cloud, openCloud } from "../emulators/cloud.ts";
import { calls, encoded } from "../support/calls.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const implementations: Record<string, (store: string) => Backend | Promise<Backend>> = {
  "this process": (store) => localBackend({ inline: true, store }),
  "worker processes": (store) => localBackend({ processes: 1, memory: "512 MiB", store }),
  "Lambda functions": () => cloud.backend({ concurrency: 1 }).open(),
};

const never = new AbortController().signal;

function values(outcome: InvocationOutcome): unknown[] {
  return outcome.results.map((result) => {
    if (result.status === "failed") return result.failure;
    if (result.output.inline === undefined) return "stored";
    return decodeChunk(result.output.inline);
  });
}

describe.each(Object.entries(implementations))("an invoker in %s", (_, make) => {
  test("answers each task with its value, in any order of types", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const factor = 10;
    const times = capture((x: number) => ({ product: x * factor, at: new Date(x) }));
    const outcome = await backend.invoker.invoke(calls(times, [1, 2, 3]), never);
    expect(outcome.kind).toBe("answered");
    expect(values(outcome)).toEqual([
      { product: 10, at: new Date(1) },
      { product: 20, at: new Date(2) },
      { product: 30, at: new Date(3) },
    ]);
    await backend.close();
  });

  test("answers for the task that throws and for those around it", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const picky = capture((x: number) => {
      if (x === 2) throw new RangeError("not two");
      return x;
    });
    const outcome = await backend.invoker.invoke(calls(picky, [1, 2, 3]), never);
    const [first, failure, third] = values(outcome);
    expect([first, third]).toEqual([1, 3]);
    expect(failure).toMatchObject({
      kind: "user",
      error: { name: "RangeError", message: "not two" },
    });
    await backend.close();
  });

  test("stores what is too large for a reply, where the client finds it", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const repeat = capture((x: number) => "x".repeat(x));
    const outcome = await backend.invoker.invoke(calls(repeat, [inlineBytesMax * 2]), never);
    expect(values(outcome)).toEqual(["stored"]);
    const bytes = await backend.store.get(chunkKey(nameOf("stage"), 0));
    expect(decodeChunk(bytes ?? new Uint8Array())).toBe("x".repeat(inlineBytesMax * 2));
    await backend.close();
  });

  test("says which input is lost, and reads it once it is there", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const key = makeChunkKey(`tmp/ab/${randomUUID()}/0/0`);
    const same = capture((x: unknown) => x);
    const invocation = calls(same, [0], {
      tasks: [{ index: 0, attempt: 1, inputs: [[{ key }]] }],
    });
    const first = await backend.invoker.invoke(invocation, never);
    expect(values(first)).toEqual([{ kind: "lost-input", key }]);
    await backend.store.putIfAbsent(key, encoded("here"));
    expect(values(await backend.invoker.invoke(invocation, never))).toEqual(["here"]);
    await backend.close();
  });

  test("says which input is corrupt, and reads it anew once it has been made again", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const key = makeChunkKey(`tmp/ab/${randomUUID()}/0/0`);
    const whole = encoded("a".repeat(1000));
    await backend.store.putIfAbsent(key, whole.slice(0, 500));
    const length = capture((x: string) => x.length);
    const invocation = calls(length, [0], {
      tasks: [{ index: 0, attempt: 1, inputs: [[{ key }]] }],
    });
    const first = await backend.invoker.invoke(invocation, never);
    expect(values(first)).toEqual([expect.objectContaining({ kind: "corrupt-input", key })]);
    await backend.store.delete(key);
    await backend.store.putIfAbsent(key, whole);
    expect(values(await backend.invoker.invoke(invocation, never))).toEqual([1000]);
    await backend.close();
  });

  test("runs one at a time per slot", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const slow = capture(async (x: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      return x;
    });
    const [first, second] = await Promise.all([
      backend.invoker.invoke(calls(slow, [1]), never),
      backend.invoker.invoke(calls(slow, [2]), never),
    ]);
    expect(backend.invoker.slots).toBe(1);
    expect(values(first)).toEqual([1]);
    expect(second).toMatchObject({ kind: "lost", failure: { kind: "throttle" } });
    await backend.close();
  });

  test("stops at a signal and at a deadline", async () => {
    using folder = temporaryFolder();
    const backend = await make(folder.path);
    const stuck = capture((x: number) =>
      x === 0 ? x : new Promise((done) => setTimeout(done, 60_000)),
    );
    await backend.invoker.invoke(calls(stuck, [0]), never); // What runs tasks is loaded in time.
    const outcome = await backend.invoker.invoke(calls(stuck, [0, 1], { timeoutMs: 500 }), never);
    expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "timeout", afterMs: 500 } });
    expect(values(outcome)).toEqual([0]);
    const before = await backend.invoker.invoke(calls(stuck, [1]), AbortSignal.abort());
    expect(before).toMatchObject({ kind: "lost", failure: { kind: "returned" } });
    await backend.close();
  });
});

const onThisMachine = Object.entries(implementations).filter(
  ([name]) => name !== "Lambda functions",
);

describe.each(onThisMachine)("an invoker in %s", (_, make) => {
  test("gives tasks the user's files and the working directory", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "a.txt");
    fs.writeFileSync(file, "from a file");
    const backend = await make(folder.path);
    const read = capture((name: string) => `${fs.readFileSync(name, "utf8")} ${process.cwd()}`);
    const outcome = await backend.invoker.invoke(calls(read, [file]), never);
    expect(values(outcome)).toEqual([`from a file ${process.cwd()}`]);
    await backend.close();
  });
});
