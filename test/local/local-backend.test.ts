import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { realClock } from "../../src/backend/real-clock.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeChunkKey } from "../../src/base/ids.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { capture } from "../../src/code/capture.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { calls, encoded } from "../support/calls.ts";
import { invocation, never } from "./fake-pool.ts";

const run = promisify(execFile);
const program = path.join(import.meta.dirname, "backend-program.ts");

describe("the local backend", () => {
  test.each([[[]], [["--import", "tsx"]]])(
    "shows what tasks print and lets the program end, under node %j",
    async (flags) => {
      using folder = temporaryFolder();
      const { stdout, stderr } = await run(process.execPath, [...flags, program, folder.path]);
      expect(stdout.trim().split("\n").sort()).toEqual(["out a", "out b"]);
      expect(stderr.trim().split("\n").sort()).toEqual(["err a", "err b"]);
    },
  );

  test("ends a cancelled invocation although no run holds the workers any more", async () => {
    const cancelling = path.join(import.meta.dirname, "cancel-program.ts");
    const { stdout } = await run(process.execPath, [cancelling]);
    expect(stdout).toBe("lost\nclosed\n");
  });

  test("shares one store with other backends, and chunks outlive it", async () => {
    using folder = temporaryFolder();
    const key = makeChunkKey("tmp/ab/x/0/0");
    const first = localBackend({ processes: 1, store: folder.path });
    const second = localBackend({ inline: true, store: folder.path });
    expect(await first.store.putIfAbsent(key, Uint8Array.of(1))).toBe("written");
    expect(await second.store.putIfAbsent(key, Uint8Array.of(2))).toBe("existed");
    await first.close();
    expect(await second.store.get(key)).toEqual(Uint8Array.of(1));
    await second.close();
  });

  test("says what a worker may use, and what it needs for itself", async () => {
    using folder = temporaryFolder();
    const backend = localBackend({ processes: 2, memory: "4 GiB", store: folder.path });
    expect(backend.limits.workerMemoryBytes).toBe(2 * 2 ** 30);
    expect(backend.limits.reservedMemoryBytes).toBeGreaterThan(64 * 2 ** 20);
    expect(backend.limits.reservedMemoryBytes).toBeLessThan(128 * 2 ** 20);
    await backend.close();
  });
});

describe("a store that cannot be written", () => {
  test("is refused at once", () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "file");
    fs.writeFileSync(file, "");
    for (const store of [file, path.join(file, "below")]) {
      expect(() => localBackend({ store })).toThrow(
        `store: a file stands where a folder should: ${store}`,
      );
    }
  });

  test("fails tasks with what is wrong and what to do, and not the worker", async () => {
    using folder = temporaryFolder();
    const store = path.join(folder.path, "store");
    const backend = localBackend({ processes: 1, memory: "1 GiB", store });
    fs.rmdirSync(store);
    fs.writeFileSync(store, "");
    const outcome = await backend.invoker.invoke(
      invocation([""], {
        program: {
          id: nameOf("identity"),
          steps: [{ operation: "identity", arguments: [{ input: 0 }] }],
          functions: [],
        },
        stage: { ...invocation([""]).stage, singles: [true], store: true },
        tasks: [{ index: 0, attempt: 1, inputs: [[{ inline: encoded("x".repeat(1000)) }]] }],
      }),
      never,
    );
    expect(outcome.kind).toBe("answered");
    expect(outcome.results).toMatchObject([
      { status: "failed", failure: { kind: "fatal", error: { fields: { code: "STORE" } } } },
    ]);
    await backend.close();
  });
});

describe("a worker whose memory stays taken after a task", () => {
  test("is replaced before the next one", async () => {
    using folder = temporaryFolder();
    const backend = localBackend({ processes: 1, memory: "300 MiB", store: folder.path });
    const keep = capture((_: unknown, { index }: { index: number }) => {
      if (index === 1) Reflect.set(globalThis, "kept", new Uint8Array(140 * 2 ** 20).fill(1));
      return process.pid;
    });
    const pids: unknown[] = [];
    for (const index of [0, 1, 2]) {
      const outcome = await backend.invoker.invoke(
        calls(keep, [], { tasks: [{ index, attempt: 1, inputs: [[{ inline: encoded(0) }]] }] }),
        never,
      );
      for (const result of outcome.results) {
        if (result.status === "done")
          pids.push(decodeChunk(result.output.inline ?? new Uint8Array()));
      }
    }
    expect(pids).toHaveLength(3);
    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[1]);
    await backend.close();
  });
});

describe("the real clock", () => {
  test("goes on, with fractions of milliseconds since the epoch", async () => {
    const before = Date.now();
    const now = realClock.now();
    expect(now).toBeGreaterThan(before - 1000);
    expect(now).toBeLessThan(before + 60_000);
  });

  test("wakes once, and not when cancelled", async () => {
    const woken: string[] = [];
    realClock.after(1, () => woken.push("first"))();
    const long = realClock.after(2 ** 40, () => woken.push("long"));
    await new Promise<void>((resolve) => {
      realClock.after(2, () => {
        woken.push("second");
        resolve();
      });
    });
    long();
    expect(woken).toEqual(["second"]);
  });
});
