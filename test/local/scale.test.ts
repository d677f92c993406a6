import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { answers, fakePool, invocation, never } from "./fake-pool.ts";
import { until } from "./until.ts";
import { virtualClock } from "./virtual-clock.ts";

describe("scaling a pool of processes", () => {
  test("up in the middle of an invocation starts workers beside the busy one", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    await using used = fakePool(1);
    const changes: number[] = [];
    used.pool.onSlots((slots) => changes.push(slots));
    const waiting = used.pool.invoke(invocation([`wait-for-file ${file}`, "pid"]), never);
    used.pool.scale(4);
    const others = [1, 2, 3].map(() =>
      used.pool.invoke(invocation([`wait-for-file ${file}`, "pid"]), never),
    );
    fs.writeFileSync(file, "");
    const pids = (await Promise.all([waiting, ...others])).map((outcome) => answers(outcome)[1]);
    expect(new Set(pids).size).toBe(4);
    expect(changes).toEqual([4]);
  });

  test("down lets busy workers finish, then keeps only as many", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    await using used = fakePool(4);
    const busy = [1, 2, 3, 4].map(() =>
      used.pool.invoke(invocation([`wait-for-file ${file}`, "pid"]), never),
    );
    used.pool.scale(1);
    expect(used.pool.slots).toBe(1);
    const refused = await used.pool.invoke(invocation(["echo a"]), never);
    expect(refused).toMatchObject({ failure: { kind: "throttle" } });
    fs.writeFileSync(file, "");
    const outcomes = await Promise.all(busy);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(4).fill("answered"));
    const kept = await used.pool.invoke(invocation(["pid"]), never);
    const again = await used.pool.invoke(invocation(["pid"]), never);
    expect(answers(again)).toEqual(answers(kept));
    await until(() => used.pool.pids.length === 1);
    expect(used.pool.pids).toEqual([Number(answers(kept)[0])]);
  });

  test("between two limits grows while all are busy and shrinks when they are not", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "go");
    const clock = virtualClock();
    const pace = { growMs: 100, shrinkMs: 1000 };
    await using used = fakePool({ min: 1, max: 2 }, { clock, pace });
    const first = used.pool.invoke(invocation([`wait-for-file ${file}`]), never);
    clock.pass(100);
    expect(used.pool.slots).toBe(2);
    const second = used.pool.invoke(invocation([`wait-for-file ${file}`]), never);
    fs.writeFileSync(file, "");
    await Promise.all([first, second]);
    expect(used.pool.pids).toHaveLength(2);
    clock.pass(2000);
    expect(used.pool.slots).toBe(1);
    await until(() => used.pool.pids.length === 1);
  });

  test.each([0, -1, 1.5, Number.NaN, 1e9, "4", null, { min: 0, max: 2 }, { min: 3, max: 2 }, {}])(
    "refuses %o",
    async (target) => {
      await using used = fakePool(1);
      expect(() => used.pool.scale(target as number)).toThrow(
        expect.objectContaining({ code: "BAD_ARGUMENT" }),
      );
    },
  );

  test("replaces a worker that asks for it, between invocations", async () => {
    process.env["FAKE_WORKER_RECYCLE_AFTER"] = "2";
    try {
      await using used = fakePool(1);
      const pids: string[] = [];
      for (let i = 0; i < 4; i++) {
        pids.push(...answers(await used.pool.invoke(invocation(["pid"]), never)));
      }
      expect(pids[1]).toBe(pids[0]);
      expect(pids[2]).not.toBe(pids[1]);
      expect(pids[3]).toBe(pids[2]);
    } finally {
      delete process.env["FAKE_WORKER_RECYCLE_AFTER"];
    }
  });
});
