import { expect, test } from "vitest";
import type { Step } from "../../src/backend/program.ts";
import type { TaskResult } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { currentTask } from "../../src/base/current-task.ts";
import { failCurrentTask } from "../../src/worker/current-task.ts";
import { failed, TestWorker } from "./harness.ts";

const steps: Step[] = [{ operation: "call", arguments: [], functions: [0] }];

/** A worker whose tasks and set-ups write down that they ran. */
class Logged {
  readonly worker: TestWorker = new TestWorker();
  readonly log: string[] = [];

  /** One invocation of a program of its own, which `setUps[which]` sets up. */
  run(
    tasks: number,
    setUps: readonly (() => unknown)[],
    more: Partial<NonNullable<Parameters<TestWorker["run"]>[2]>> & { which?: number } = {},
  ): Promise<readonly TaskResult[]> {
    const { which = 0, ...rest } = more;
    const task = (): number => this.log.push("task");
    const specs = Array.from({ length: tasks }, () => ({}));
    const functions = [task, ...setUps];
    return this.worker.run(steps, specs, { functions, setUp: 1 + which, ...rest });
  }
}

test("a set-up runs once in its worker, before the first of all tasks that come with it", async () => {
  const logged = new Logged();
  const { worker, log } = logged;
  const setUp = (): number => log.push("set up");

  await logged.run(2, [setUp]);
  await logged.run(1, [setUp]);

  expect(log).toEqual(["set up", "task", "task", "task"]);
  expect(worker.results.map(({ status }) => status)).toEqual(["done", "done", "done"]);
});

test("a set-up that gives a promise has ended before the first task begins", async () => {
  const logged = new Logged();
  const { log } = logged;
  const setUp = async (): Promise<void> => {
    log.push("begins");
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push("ends");
  };

  await logged.run(2, [setUp]);

  expect(log).toEqual(["begins", "ends", "task", "task"]);
});

test("what throws fails the task that waits for it under its own name, and is called again for the next", async () => {
  const logged = new Logged();
  const { log } = logged;
  const setUp = (): unknown => {
    const calls = log.push("set up");
    if (calls === 1) throw new RangeError("thrown");
    return calls === 2 ? Promise.reject(new RangeError("rejected")) : "set up";
  };

  const results = [...(await logged.run(1, [setUp])), ...(await logged.run(3, [setUp]))];

  expect(results.map((result) => result.status === "failed" && result.failure)).toMatchObject([
    { kind: "user", setUp: "1", error: { name: "RangeError", message: "thrown" } },
    { kind: "user", setUp: "1", error: { name: "RangeError", message: "rejected" } },
    false,
    false,
  ]);
  expect(log).toEqual(["set up", "set up", "set up", "task", "task"]);
});

test("what a task throws itself is not the set-up's", async () => {
  const logged = new Logged();
  const throws = (): void => {
    throw new Error("mine");
  };

  const results = await logged.worker.run(steps, [{}], { functions: [throws, () => 1], setUp: 1 });

  expect(failed(results).failure).not.toHaveProperty("setUp");
});

test("an error past its promise fails the task that waits for it, and a late end of that call counts for nothing", async () => {
  const logged = new Logged();
  const { log } = logged;
  const late = Promise.withResolvers<void>();
  const setUp = async (): Promise<void> => {
    if (log.push("set up") > 1) throw new Error("again");
    setTimeout(() => failCurrentTask(new Error("stray")), 1);
    await late.promise;
  };

  const results = await logged.run(2, [setUp]);

  expect(results).toMatchObject([
    { failure: { setUp: "1", error: { message: "stray" } } },
    { failure: { setUp: "1", error: { message: "again" } } },
  ]);
  late.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await logged.run(1, [setUp]);
  expect(log.filter((each) => each === "set up")).toHaveLength(3);
});

test("each of two clients has its own set-up run once", async () => {
  const logged = new Logged();
  const { log } = logged;
  const setUps = [(): number => log.push("one"), (): number => log.push("two")];

  for (const which of [0, 1, 0, 1]) await logged.run(1, setUps, { which });

  expect(log).toEqual(["one", "task", "two", "task", "task", "task"]);
});

test("each bundle has modules of its own, so it is set up for itself", async () => {
  const logged = new Logged();
  const { log } = logged;
  const setUp = (): number => log.push("set up");

  for (const name of ["a", "b", "a"]) await logged.run(1, [setUp], { bundle: nameOf(name) });

  expect(log).toEqual(["set up", "task", "set up", "task", "task"]);
});

test("a set-up's time is not counted as its task's", async () => {
  const logged = new Logged();
  const setUp = (): void => {
    logged.worker.nowMs += 5000;
  };

  const [result] = await logged.run(1, [setUp]);

  expect(result?.measures).toMatchObject({ startMs: 6000, runMs: 0 });
});

test("a set-up runs as part of the task that came first", async () => {
  const seen: unknown[] = [];

  await new Logged().run(2, [() => seen.push(currentTask()?.index)]);

  expect(seen).toEqual([0]);
});
