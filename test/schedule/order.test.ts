import { describe, expect, test } from "vitest";
import type { Invocation, InvocationOutcome, TaskResult } from "../../src/backend/task.ts";
import type { RunEvent } from "../../src/schedule/run-event.ts";
import { doneWith, numberBackend } from "./support/number-backend.ts";
import { checkedDriver, doneNumbers, jobOf, squaresAndSums } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

/** Results that took as long as `runMs` says. */
const took =
  (runMs: (index: number) => number) =>
  ({ tasks }: Invocation): InvocationOutcome => {
    const results = tasks.map((task): TaskResult => {
      const done = doneWith(task, task.index);
      return { ...done, measures: { ...done.measures, runMs: runMs(task.index) } };
    });
    return { kind: "answered", worker: 0, results };
  };

describe("what runs first", () => {
  test("depth first: a tree's parents before its next leaves, so intermediates live short", async () => {
    const order: string[] = [];
    const backend = numberBackend(
      (task, inputs, invocation) => {
        order.push(`${invocation.stage.label}:${task.index}`);
        return squaresAndSums(task, inputs, invocation);
      },
      { slots: 1 },
    );
    const driver = checkedDriver(backend);
    const deadline = { options: { timeoutMs: 1000 } };
    const plan = planOf(
      [
        stageOf({ id: 1, count: 8, ...deadline }),
        stageOf({ id: 2, count: 4, reads: [[1, { kind: "group", size: 2 }]], ...deadline }),
        stageOf({ id: 3, count: 2, reads: [[2, { kind: "group", size: 2 }]], ...deadline }),
      ],
      [[3]],
    );
    await driver.submit(jobOf(plan)).outcomes;
    expect(order).toEqual(
      [
        ["1:0", "1:1", "2:0", "1:2", "1:3", "2:1", "3:0"],
        ["1:4", "1:5", "2:2", "1:6", "1:7", "2:3", "3:1"],
      ]
        .flat()
        .map((name) => `stage-${name}`),
    );
    await driver.close();
  });

  test("the user's priority before everything", async () => {
    const order: string[] = [];
    const onInvoke = (invocation: Invocation): InvocationOutcome => {
      order.push(invocation.stage.label);
      return took(() => 1)(invocation);
    };
    const driver = checkedDriver(numberBackend(squaresAndSums, { slots: 1, onInvoke }));
    const plan = planOf(
      [
        stageOf({ id: 1, count: 3, options: { timeoutMs: 1 } }),
        stageOf({ id: 2, count: 3, options: { timeoutMs: 1, priority: 5 } }),
      ],
      [[1], [2]],
    );
    await driver.submit(jobOf(plan)).outcomes;
    expect(order).toEqual(["stage-2", "stage-2", "stage-2", "stage-1", "stage-1", "stage-1"]);
    await driver.close();
  });
});

describe("batches", () => {
  const sizesOf = async (runMs: number, count: number, options = {}): Promise<number[]> => {
    const backend = numberBackend(squaresAndSums, { slots: 2, onInvoke: took(() => runMs) });
    const driver = checkedDriver(backend);
    const handle = driver.submit(jobOf(planOf([stageOf({ id: 1, count, options })], [[1]])));
    expect(await doneNumbers(handle)).toHaveLength(count);
    await driver.close();
    return backend.invocations.map(({ tasks }) => tasks.length);
  };

  test("start with one task and grow as tasks prove to be short", async () => {
    const sizes = await sizesOf(0.01, 20_000);
    expect(sizes.slice(0, 2)).toEqual([1, 1]);
    expect(Math.max(...sizes)).toBeGreaterThan(1000);
    expect(sizes.length).toBeLessThan(100);
  });

  test("stay at one task when tasks are long", async () => {
    expect(await sizesOf(5000, 20)).toEqual(new Array(20).fill(1));
  });

  test("are of one task under a deadline, which is one task's", async () => {
    expect(await sizesOf(0.01, 20, { timeoutMs: 100 })).toEqual(new Array(20).fill(1));
  });

  test("are fair: what is left is shared by the workers", async () => {
    const sizes = await sizesOf(2, 400);
    // With two workers no batch holds more than a quarter of what is left.
    let left = 400;
    for (const size of sizes) {
      expect(size).toBeLessThanOrEqual(Math.max(1, Math.ceil(left / 4)));
      left -= size;
    }
  });

  test("fit into a message, and a task whose inputs alone do not is given them by key", async () => {
    const backend = numberBackend(squaresAndSums, { slots: 1, payloadBytesMax: 2000 });
    const driver = checkedDriver(backend);
    const plan = planOf(
      [
        stageOf({ id: 1, count: 600 }),
        stageOf({ id: 2, count: 20, reads: [[1, { kind: "group", size: 30 }]] }),
        stageOf({ id: 3, count: 1, reads: [[1, { kind: "all" }]] }),
      ],
      [[2], [3]],
    );
    const handle = driver.submit(jobOf(plan));
    expect(await doneNumbers(handle, 1)).toEqual([(599 * 600 * 1199) / 6]);
    const wide = backend.invocations.find(({ stage }) => stage.label === "stage-3");
    expect(wide?.tasks[0]?.inputs[0]?.every((ref) => "key" in ref)).toBe(true);
    await driver.close();
  });
});

describe("backups", () => {
  test("a straggler runs again on an idle worker, and the first answer counts", async () => {
    const attempts: number[] = [];
    let release: (outcome: InvocationOutcome) => void = () => undefined;
    const onInvoke = (
      invocation: Invocation,
    ): InvocationOutcome | Promise<InvocationOutcome> | undefined => {
      const straggler = invocation.tasks.find(({ index }) => index === 15);
      if (straggler === undefined) return took(() => 10)(invocation);
      attempts.push(straggler.attempt);
      if (straggler.attempt > 1) return took(() => 10)(invocation);
      return new Promise((resolve) => {
        release = resolve;
      });
    };
    const driver = checkedDriver(numberBackend(squaresAndSums, { slots: 2, onInvoke }));
    const plan = planOf([stageOf({ id: 1, count: 16, options: { timeoutMs: 1e6 } })], [[1]]);
    const handle = driver.submit(jobOf(plan));
    expect(await doneNumbers(handle)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(attempts).toEqual([1, 2]);
    // The loser's answer comes late and changes nothing.
    release({ kind: "lost", worker: 1, results: [], failure: { kind: "worker-lost", detail: "" } });
    await driver.close();
  });
});

test("a task that should give the same bytes each time, and does not, is named", async () => {
  const late: ((outcome: InvocationOutcome) => void)[] = [];
  const onInvoke = (invocation: Invocation): InvocationOutcome | Promise<InvocationOutcome> => {
    const task = invocation.tasks.find(({ index }) => index === 15);
    if (task?.attempt !== 1) return took(() => 10)(invocation);
    return new Promise((resolve) => late.push(resolve));
  };
  const backend = numberBackend(squaresAndSums, { slots: 2, onInvoke });
  const driver = checkedDriver(backend);
  const events: RunEvent[] = [];
  driver.onEvent((event) => events.push(event));
  const options = { timeoutMs: 1e6, ordered: true };
  const calls = stageOf({ id: 1, count: 16, options });
  const next = stageOf({ id: 2, count: 1, reads: [[1, { kind: "all" }]] });
  const handle = driver.submit(jobOf(planOf([calls, next], [[1], [2]])));
  await handle.outcomes;
  const [straggler] = backend.invocations.flatMap(({ tasks }) =>
    tasks.filter(({ index, attempt }) => index === 15 && attempt === 1),
  );
  if (straggler === undefined) throw new Error("there was no straggler");
  const other = doneWith(straggler, 99);
  const output = { bytes: 8, rows: 1, checksum: 12345 };
  const results = [other.status === "done" ? { ...other, output } : other];
  late[0]?.({ kind: "answered", worker: 1, results });
  await driver.close();
  expect(events.filter(({ kind }) => kind === "task-differs")).toMatchObject([
    { stage: 1, index: 15 },
  ]);
});

describe("cancelling", () => {
  test("a job: nothing new is submitted, what another job needs goes on", async () => {
    const held: (() => void)[] = [];
    const onInvoke = (invocation: Invocation): Promise<InvocationOutcome> =>
      new Promise((resolve) => held.push(() => resolve(took(() => 1000)(invocation))));
    const backend = numberBackend(squaresAndSums, { slots: 1, onInvoke });
    const driver = checkedDriver(backend);
    const shared = stageOf({ id: 1, count: 4 });
    const first = driver.submit(jobOf(planOf([shared], [[1]])));
    const second = driver.submit(
      jobOf(planOf([shared], [[1, { kind: "range", start: 2, end: 4 }]])),
    );
    first.cancel();
    expect((await first.outcomes).map(({ kind }) => kind)).toEqual(["cancelled"]);
    for (let next = held.shift(); next !== undefined; next = held.shift()) {
      next();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await doneNumbers(second)).toEqual([2, 3]);
    const ran = backend.invocations.flatMap(({ tasks }) => tasks.map(({ index }) => index));
    // Index 0 was running when the job was cancelled.
    expect(ran.sort()).toEqual([0, 2, 3]);
    await driver.close();
  });

  test("single indexes: the others are computed", async () => {
    const ended = new Map<number, string>();
    const driver = checkedDriver(numberBackend(squaresAndSums, { slots: 0 }));
    const handle = driver.submit(
      jobOf(planOf([stageOf({ id: 1, count: 3 })], [[1]]), {
        onError: "continue",
        onChunkFailed: (_, index, outcome) => ended.set(index, String(outcome)),
      }),
    );
    for (const index of [0, 1, 2]) handle.cancelIndex(0, index);
    expect((await handle.outcomes).map(({ kind }) => kind)).toEqual(["cancelled"]);
    expect([...ended]).toEqual([0, 1, 2].map((index) => [index, "cancelled"]));
    await driver.close();
  });

  test("by a signal that was aborted before", async () => {
    const driver = checkedDriver(numberBackend(squaresAndSums, { slots: 0 }));
    const signal = AbortSignal.abort();
    const handle = driver.submit(jobOf(planOf([stageOf({ id: 1, count: 3 })], [[1]]), { signal }));
    expect((await handle.outcomes).map(({ kind }) => kind)).toEqual(["cancelled"]);
    await driver.close();
  });
});
