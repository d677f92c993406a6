import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { answers, fakeConfig, fakePool, invocation, never } from "./fake-pool.ts";

const mebibyte = 2 ** 20;

describe("a pool of worker processes", () => {
  test("runs invocations in other processes and keeps those for the next ones", async () => {
    await using used = fakePool(1);
    const first = await used.pool.invoke(invocation(["pid", "echo a"]), never);
    const second = await used.pool.invoke(invocation(["pid"]), never);
    expect(first.kind).toBe("answered");
    expect(answers(first)[1]).toBe("a");
    expect(answers(first)[0]).not.toBe(String(process.pid));
    expect(answers(second)[0]).toBe(answers(first)[0]);
  });

  test("brings free data of results back as it was", async () => {
    await using used = fakePool(1);
    const outcome = await used.pool.invoke(invocation(["echo a"]), never);
    const [result] = outcome.results;
    expect(result).toMatchObject({
      status: "done",
      output: { statistics: new Map([["n", -0]]), inline: Uint8Array.of(97) },
    });
    if (result?.status !== "done") throw new Error("no result");
    expect(result.output.inline?.constructor).toBe(Uint8Array);
  });

  test("runs as many at once as there are slots, and no more", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    await using used = fakePool(2);
    const running = [1, 2].map(() =>
      used.pool.invoke(invocation([`wait-for-file ${file}`]), never),
    );
    const third = await used.pool.invoke(invocation(["echo a"]), never);
    expect(third).toMatchObject({ kind: "lost", failure: { kind: "throttle" } });
    fs.writeFileSync(file, "");
    expect((await Promise.all(running)).map((outcome) => outcome.kind)).toEqual([
      "answered",
      "answered",
    ]);
  });

  test("sends a program once per worker, however many invocations use it", async () => {
    await using used = fakePool(1);
    const program = { id: invocation([]).program.id, steps: [], functions: [] };
    for (let i = 0; i < 3; i++) {
      const outcome = await used.pool.invoke(invocation(["functions"], { program }), never);
      expect(answers(outcome)).toEqual(["0"]);
    }
  });

  test("passes on what tasks print, in whole lines", async () => {
    await using used = fakePool(1);
    await used.pool.invoke(invocation(["print hello"]), never);
    await used.pool.close();
    expect(used.printed.stdout.join("")).toBe("hello\n");
    expect(used.printed.stderr.join("")).toBe("error hello\n");
  });

  test("prefers the worker it is told to", async () => {
    await using used = fakePool(2);
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    const both = [1, 2].map(() =>
      used.pool.invoke(invocation([`wait-for-file ${file}`, "pid"]), never),
    );
    fs.writeFileSync(file, "");
    for (const outcome of await Promise.all(both)) {
      const again = await used.pool.invoke(invocation(["pid"], { prefer: outcome.worker }), never);
      expect(again.worker).toBe(outcome.worker);
      expect(answers(again)[0]).toBe(answers(outcome)[1]);
    }
  });
});

describe("a worker that dies", () => {
  test.each([
    ["kill", "was ended by SIGKILL"],
    ["exit 3", "exited with code 3"],
    ["throw-later", "stray"],
  ])("by %s keeps what was answered before, and is replaced", async (action, words) => {
    await using used = fakePool(1);
    const outcome = await used.pool.invoke(invocation(["echo a", action, "echo b"]), never);
    expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "worker-lost" } });
    expect(answers(outcome)).toEqual(["a"]);
    expect(JSON.stringify(outcome)).toContain(words);
    const next = await used.pool.invoke(invocation(["echo c"]), never);
    expect(next.worker).not.toBe(outcome.worker);
    expect(answers(next)).toEqual(["c"]);
  });

  test("by kill -9 from outside while it computes is lost alone", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "pid");
    await using used = fakePool(2);
    const doomed = used.pool.invoke(invocation([`spin ${file}`]), never);
    const other = await used.pool.invoke(invocation([`wait-for-file ${file}`]), never);
    process.kill(Number(fs.readFileSync(file, "utf8")), "SIGKILL");
    expect(other.kind).toBe("answered");
    expect(await doomed).toMatchObject({ kind: "lost", failure: { kind: "worker-lost" } });
  });

  test("of a full JavaScript heap says memory, and does not print V8's state", async () => {
    await using used = fakePool(1, {
      config: fakeConfig({ memoryBytes: 512 * mebibyte, reservedMemoryBytes: 480 * mebibyte }),
    });
    const outcome = await used.pool.invoke(invocation(["echo a", "fill-heap"]), never);
    expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "memory" } });
    expect(answers(outcome)).toEqual(["a"]);
    expect(used.printed.stderr.join("")).toBe("");
  });

  test("of buffers beyond its cap says memory and how much it used", async () => {
    const memoryBytes = 256 * mebibyte;
    await using used = fakePool(1, { config: fakeConfig({ memoryBytes }) });
    const outcome = await used.pool.invoke(invocation(["fill-buffers"]), never);
    if (outcome.kind !== "lost" || outcome.failure.kind !== "memory") {
      throw new Error(JSON.stringify(outcome));
    }
    expect(outcome.failure.peakBytes).toBeGreaterThan(memoryBytes);
    expect((await used.pool.invoke(invocation(["echo b"]), never)).kind).toBe("answered");
  });

  test("before it is ready, each time, ends in an error that says why", async () => {
    await using used = fakePool(1, { entry: path.join(import.meta.dirname, "no-such-entry.ts") });
    const outcome = await used.pool.invoke(invocation(["echo a"]), never);
    expect(outcome).toMatchObject({
      kind: "lost",
      failure: { kind: "fatal", error: { fields: { code: "NO_WORKERS" } } },
    });
    expect(JSON.stringify(outcome)).toContain("no-such-entry");
  });
});

describe("an invocation that is stopped", () => {
  test("by its signal lets its tasks end themselves", async () => {
    await using used = fakePool(1);
    const controller = new AbortController();
    const running = used.pool.invoke(invocation(["echo a", "wait-for-abort"]), controller.signal);
    controller.abort();
    const outcome = await running;
    if (outcome.kind === "answered") expect(answers(outcome)).toEqual(["a", "aborted"]);
    else expect(outcome.failure).toEqual({ kind: "returned" });
  });

  test("by its signal, when its task does not heed it, is returned", async () => {
    await using used = fakePool(1);
    const controller = new AbortController();
    const running = used.pool.invoke(invocation(["ignore-abort"]), controller.signal);
    controller.abort();
    expect(await running).toMatchObject({ kind: "lost", failure: { kind: "returned" } });
    const next = await used.pool.invoke(invocation(["echo b"]), never);
    expect(answers(next)).toEqual(["b"]);
  });

  test("by its deadline keeps what was answered", async () => {
    await using used = fakePool(1);
    const warm = await used.pool.invoke(invocation(["pid"]), never);
    const outcome = await used.pool.invoke(
      invocation(["echo a", "ignore-abort"], { timeoutMs: 300 }),
      never,
    );
    expect(warm.kind).toBe("answered");
    expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "timeout", afterMs: 300 } });
    expect(answers(outcome)).toEqual(["a"]);
  });

  test("by its deadline has not met it while its client did other things", async () => {
    await using used = fakePool(1);
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    const before = await used.pool.invoke(invocation(["pid"]), never);
    const running = used.pool.invoke(
      invocation([`wait-for-file ${file}`], { timeoutMs: 500 }),
      never,
    );
    await new Promise((resolve) => setImmediate(resolve));
    fs.writeFileSync(file, "");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    expect((await running).kind).toBe("answered");
    // Its worker is there as before.
    expect(answers(await used.pool.invoke(invocation(["pid"]), never))).toEqual(answers(before));
  });

  test("before it began runs nothing", async () => {
    await using used = fakePool(1);
    const outcome = await used.pool.invoke(invocation(["exit 1"]), AbortSignal.abort());
    expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "returned" } });
  });
});
