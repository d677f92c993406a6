import { describe, expect, test } from "vitest";
import type { RunStore } from "../../../src/backend/run-store.ts";
import { Lock, type LockParts } from "../../../src/client/coordination/lock.ts";
import { SharedFiles } from "../../../src/client/coordination/shared-files.ts";
import { MemoryRunStore } from "../../../src/local/memory-store.ts";
import { type VirtualClock, virtualClock } from "../../local/virtual-clock.ts";
import { errorOf } from "../support.ts";

/** A machine with a clock of its own, and a lock that it shares with others. */
interface Machine {
  readonly clock: VirtualClock;
  readonly lock: Lock;
}

interface MachineOptions {
  readonly host?: string;
  readonly leases?: number;
  readonly isAlive?: (pid: number) => boolean;
}

let pids = 100;

function machine(runs: RunStore, options: MachineOptions = {}): Machine {
  const { host = `host-${pids}`, leases = 1, isAlive = () => true } = options;
  const clock = virtualClock();
  const parts: LockParts = {
    files: new SharedFiles(runs, Math.random),
    clock,
    random: Math.random,
    host,
    pid: pids++,
    isAlive,
    closing: new AbortController().signal,
    waiting: () => undefined,
    held: () => undefined,
  };
  return { clock, lock: new Lock(parts, { name: "shared", leases }) };
}

const now = { timeoutMs: 0 } as const;
/** Promises of the store and of beats settle. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets a minute pass for some machines, second by second. */
async function minute(machines: readonly Machine[]): Promise<void> {
  for (let second = 0; second < 60; second++) {
    for (const { clock } of machines) clock.pass(1000);
    await settle();
  }
}

describe("a lock", () => {
  test("is one machine's at a time, and the next one's token is higher", async () => {
    const runs = new MemoryRunStore();
    const [a, b] = [machine(runs), machine(runs)];
    const first = await a.lock.acquire();
    expect(await b.lock.acquire(now)).toBeUndefined();
    expect([await a.lock.holders(), await b.lock.holders()]).toEqual([1, 1]);
    await first.release();
    await first.release();
    const second = await b.lock.acquire();
    expect(second.token).toBeGreaterThan(first.token);
    expect(await a.lock.acquire(now)).toBeUndefined();
  });

  test("stays with a holder that lives, however long", async () => {
    const runs = new MemoryRunStore();
    const [a, b] = [machine(runs), machine(runs)];
    const held = await a.lock.acquire();
    for (let i = 0; i < 3; i++) {
      expect(await b.lock.acquire(now)).toBeUndefined();
      await minute([a, b]);
    }
    expect(await b.lock.acquire(now)).toBeUndefined();
    expect(held.signal.aborted).toBe(false);
  });

  test("of another machine that has gone is free half a minute after it was last heard of, whatever its clock says", async () => {
    const runs = new MemoryRunStore();
    const [a, b] = [machine(runs), machine(runs)];
    b.clock.pass(1e9);
    const held = await a.lock.acquire();
    // The clock of a stands still, as if it had been killed.
    expect(await b.lock.acquire(now)).toBeUndefined();
    b.clock.pass(29_000);
    expect(await b.lock.acquire(now)).toBeUndefined();
    b.clock.pass(2_000);
    const taken = await b.lock.acquire(now);
    expect(taken?.token).toBeGreaterThan(held.token);
    // If it was only standing still, it is told when it goes on.
    expect(held.signal.aborted).toBe(false);
    a.clock.pass(5_000);
    await settle();
    expect(held.signal.aborted).toBe(true);
    await held.release();
    expect(await b.lock.holders()).toBe(1);
  });

  test("of a process of this machine that has ended is free at once", async () => {
    const runs = new MemoryRunStore();
    let dead = false;
    const a = machine(runs, { host: "here" });
    const b = machine(runs, { host: "here", isAlive: () => !dead });
    await a.lock.acquire();
    expect(await b.lock.acquire(now)).toBeUndefined();
    dead = true;
    expect(await b.lock.holders()).toBe(0);
    expect(await b.lock.acquire(now)).toBeDefined();
  });

  test("is given up by a holder that cannot say that it lives, before others may have it", async () => {
    const runs = new MemoryRunStore();
    let broken = false;
    const flaky: RunStore = {
      append: (name, bytes) => runs.append(name, bytes),
      replace: (name, bytes, version) => runs.replace(name, bytes, version),
      get: async (name) => {
        if (broken) throw new Error("no network");
        return runs.get(name);
      },
      list: (prefix) => runs.list(prefix),
      delete: (name) => runs.delete(name),
      deleteVersion: (name, version) => runs.deleteVersion(name, version),
    };
    const a = machine(flaky);
    const held = await a.lock.acquire();
    const lostAfter = async (seconds: number): Promise<boolean> => {
      for (let i = 0; i < seconds; i++) {
        a.clock.pass(1000);
        await settle();
      }
      return held.signal.aborted;
    };
    broken = true;
    expect(await lostAfter(14)).toBe(false);
    broken = false;
    expect(await lostAfter(60)).toBe(false);
    broken = true;
    expect(await lostAfter(26)).toBe(true);
  });

  test("waits no longer than it is told to, and not after an abort", async () => {
    const runs = new MemoryRunStore();
    const [a, b] = [machine(runs), machine(runs)];
    await a.lock.acquire();
    const controller = new AbortController();
    const waiting = errorOf(() => b.lock.acquire({ signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    expect(await errorOf(() => b.lock.acquire({ timeoutMs: -1 }))).toMatchObject({
      code: "BAD_ARGUMENT",
    });
    expect(await errorOf(() => b.lock.acquire({ timeout: 1 } as object))).toMatchObject({
      code: "BAD_ARGUMENT",
    });
    expect(await errorOf(() => b.lock.acquire({ signal: 5 as never }))).toMatchObject({
      code: "BAD_ARGUMENT",
    });
  });
});

describe("a semaphore", () => {
  test("lets as many in as it has leases, and another for each that leaves", async () => {
    const runs = new MemoryRunStore();
    const machines = Array.from({ length: 5 }, () => machine(runs, { leases: 3 }));
    const taken = await Promise.all(machines.map(({ lock }) => lock.acquire(now)));
    expect(taken.filter((lease) => lease !== undefined)).toHaveLength(3);
    expect(await machines[0]?.lock.holders()).toBe(3);
    await taken.find((lease) => lease !== undefined)?.release();
    const [fifth] = machines.slice(-1);
    expect(await fifth?.lock.acquire(now)).toBeDefined();
    expect(new Set(taken.map((lease) => lease?.token)).size).toBe(4); // Three tokens, and none.
  });

  test("with another number of leases than those who hold it were given is refused", async () => {
    const runs = new MemoryRunStore();
    const held = await machine(runs, { leases: 2 }).lock.acquire();
    const other = machine(runs, { leases: 5 });
    expect(await errorOf(() => other.lock.acquire(now))).toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining("5 leases here, and 2") as unknown,
    });
    await held.release();
    expect(await other.lock.acquire(now)).toBeDefined();
  });
});
