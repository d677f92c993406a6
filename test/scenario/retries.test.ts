import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compute, delayed, type TaskError } from "../../src/index.ts";
import { errorOf, sharedClient, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
sharedClient({ processes: 2 });

describe("retries", () => {
  test("n retries mean n + 1 attempts, counted by the task itself", async () => {
    for (const retries of [0, 1, 3, 300]) {
      const file = path.join(folder.path, `attempts-${retries}`);
      const fail = delayed(
        () => {
          appendFileSync(file, "attempt\n");
          throw new Error("always");
        },
        { retries },
      );
      const error = await errorOf(() => fail().compute());
      expect((error as TaskError).task.attempts).toBe(retries + 1);
      expect(readFileSync(file, "utf8")).toBe("attempt\n".repeat(retries + 1));
    }
  });

  test("the option of compute counts for work that says nothing of its own", async () => {
    const file = path.join(folder.path, "by-compute");
    const flaky = delayed(() => {
      appendFileSync(file, "x");
      if (readFileSync(file, "utf8").length < 3) throw new Error("not yet");
      return "done";
    });
    expect(await compute(flaky(), { retries: 2 })).toEqual(["done"]);
  });
});

test("with onError: collect, one failure leaves unrelated work alone, on many workers", async () => {
  const check = delayed((n: number) => {
    if (n % 10 === 3) throw new RangeError(`bad ${n}`);
    return n;
  });
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const results = await compute(...numbers.map((n) => check(n)), { onError: "collect" } as never);
  for (const [n, result] of (results as { value?: number; error?: unknown }[]).entries()) {
    if (n % 10 !== 3) expect(result).toEqual({ value: n });
    else expect((result.error as TaskError).cause).toMatchObject({ message: `bad ${n}` });
  }
});

test("a chain of 10,000 calls", async () => {
  const inc = delayed((x: number) => x + 1);
  let lazy = inc(0);
  for (let i = 1; i < 10_000; i++) lazy = inc(lazy);
  expect(await lazy.compute()).toBe(10_000);
});

describe("an error that comes past the function's promise", () => {
  test("a rejection nobody handles fails the task, not the worker", async () => {
    const stray = delayed(async () => {
      void Promise.reject(new RangeError("stray"));
      await new Promise(() => {});
    });
    const error = await errorOf(() => stray().compute());
    expect(error).toMatchObject({ code: "TASK_FAILED", task: { attempts: 1 } });
    expect((error as TaskError).cause).toMatchObject({ name: "RangeError", message: "stray" });
  });

  test("so does a throw in a timer", async () => {
    const stray = delayed(async () => {
      setTimeout(() => {
        throw new RangeError("in a timer");
      }, 1);
      await new Promise(() => {});
    });
    const error = await errorOf(() => stray().compute());
    expect(error).toMatchObject({ code: "TASK_FAILED", task: { attempts: 1 } });
    expect((error as TaskError).cause).toMatchObject({ message: "in a timer" });
  });

  test("after the task has ended its result stands, and the worker goes on", async () => {
    const late = delayed(
      (n: number) => {
        void Promise.reject(new Error("late"));
        return n;
      },
      { pure: false },
    );
    expect(await compute(...Array.from({ length: 20 }, (_, n) => late(n)))).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });
});

test("a thrown proxy that throws at any look at it fails its task at the first attempt", async () => {
  const fail = delayed(() => {
    const refuse = (): never => {
      throw new Error("no looking");
    };
    throw new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
  });
  expect(await errorOf(() => fail().compute())).toMatchObject({
    code: "TASK_FAILED",
    task: { attempts: 1 },
  });
});
