import { describe, expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { Failure } from "../../src/backend/failure.ts";
import type { Invocation, InvocationOutcome } from "../../src/backend/task.ts";
import { deathsMax } from "../../src/schedule/retry.ts";
import { doneWith, failedWith, numberBackend } from "./support/number-backend.ts";
import { checkedDriver, doneNumbers, jobOf, squaresAndSums } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

const thrown: Failure = {
  kind: "user",
  error: { name: "TypeError", message: "no", stack: "", fields: {} },
};

const lost = (failure: Failure): InvocationOutcome => ({
  kind: "lost",
  worker: 0,
  results: [],
  failure,
});

/** How often the task of index 3 was tried, by what it answers each time. */
async function attemptsOf(
  failure: Failure,
  { retries = 0, impure = false, succeedsAt = Number.POSITIVE_INFINITY } = {},
): Promise<{ attempts: number; kind: string; poison: boolean | undefined }> {
  let attempts = 0;
  const backend = numberBackend((task) => {
    if (task.index !== 3 || ++attempts >= succeedsAt) return doneWith(task, task.index);
    return failedWith(task, failure);
  });
  const driver = checkedDriver(backend);
  const plan = planOf([stageOf({ id: 1, count: 5, options: { retries, impure } })], [[1]]);
  const [outcome] = await driver.submit(jobOf(plan)).outcomes;
  await driver.close();
  const poison = outcome?.kind === "failed" ? outcome.failure.poison : undefined;
  return { attempts, kind: outcome?.kind ?? "none", poison };
}

describe("what is done about a failed task depends on how it failed", () => {
  test.each([0, 1, 4])(
    "a user's error with %i retries: one attempt more than that",
    async (retries) => {
      expect(await attemptsOf(thrown, { retries })).toMatchObject({
        attempts: retries + 1,
        kind: "failed",
      });
    },
  );

  test("a retry that succeeds is a success", async () => {
    expect(await attemptsOf(thrown, { retries: 2, succeedsAt: 3 })).toMatchObject({ kind: "done" });
  });

  test("a task that ends three workers is named as poison", async () => {
    const detail = "killed";
    const ended = await attemptsOf({ kind: "worker-lost", detail });
    expect(ended).toEqual({ attempts: deathsMax, kind: "failed", poison: true });
  });

  test("a store that fails three times ends the task, but is no poison", async () => {
    const ended = await attemptsOf({ kind: "store", detail: "EIO" });
    expect(ended).toEqual({ attempts: 3, kind: "failed", poison: false });
  });

  test("a deadline that passes three times ends the task, but is no poison", async () => {
    const ended = await attemptsOf({ kind: "timeout", afterMs: 5 });
    expect(ended).toEqual({ attempts: 3, kind: "failed", poison: false });
  });

  test.each([0, 1, 4])(
    "a deadline that passes in a task with effects counts as a throw: with %i retries one attempt more than that",
    async (retries) => {
      const ended = await attemptsOf({ kind: "timeout", afterMs: 5 }, { retries, impure: true });
      expect(ended).toEqual({ attempts: retries + 1, kind: "failed", poison: false });
    },
  );

  test("a task with effects whose worker was lost runs again, whatever its retries", async () => {
    const detail = "killed";
    const ended = await attemptsOf({ kind: "worker-lost", detail }, { impure: true });
    expect(ended).toMatchObject({ attempts: deathsMax, kind: "failed" });
  });

  test("memory used up alone on a worker twice ends the task", async () => {
    const ended = await attemptsOf({ kind: "memory", detail: "", peakBytes: 1 });
    expect(ended).toMatchObject({ attempts: 2, kind: "failed" });
  });

  test.each(["throttle", "returned"] as const)("%s is never counted", async (kind) => {
    expect(await attemptsOf({ kind }, { succeedsAt: 20 })).toMatchObject({
      attempts: 20,
      kind: "done",
    });
  });

  test("a mismatch stops the job at once", async () => {
    const ended = await attemptsOf({ kind: "mismatch", detail: "version" });
    expect(ended).toMatchObject({ attempts: 1, kind: "failed" });
  });
});

describe("a lost worker", () => {
  test("takes only one task with it in the end, however large its batch was", async () => {
    const alone: number[] = [];
    const guilty = 37;
    const onInvoke = ({ tasks }: Invocation): InvocationOutcome | undefined => {
      if (!tasks.some(({ index }) => index === guilty)) return undefined;
      if (tasks.length === 1) alone.push(guilty);
      return lost({ kind: "worker-lost", detail: "killed" });
    };
    const driver = checkedDriver(numberBackend(squaresAndSums, { onInvoke, slots: 1 }));
    const ended = new Map<number, string>();
    const handle = driver.submit(
      jobOf(planOf([stageOf({ id: 1, count: 500 })], [[1]]), {
        onError: "continue",
        onChunk: (_, { index }) => ended.set(index, "done"),
        onChunkFailed: (_, index, failure) =>
          ended.set(index, failure === "cancelled" ? failure : failure.failure.kind),
      }),
    );
    await handle.outcomes;
    expect(ended.size).toBe(500);
    expect([...ended].filter(([, end]) => end !== "done")).toEqual([[guilty, "worker-lost"]]);
    expect(alone.length).toBeGreaterThanOrEqual(1);
    await driver.close();
  });

  test("loses nothing of what it had answered", async () => {
    const runs = new Map<number, number>();
    let losses = 0;
    const onInvoke = ({ tasks }: Invocation): InvocationOutcome | undefined => {
      if (tasks.length < 4 || losses++ > 0) return undefined;
      const results = tasks.slice(0, 2).map((task) => {
        runs.set(task.index, 1);
        return doneWith(task, task.index ** 2);
      });
      return { ...lost({ kind: "worker-lost", detail: "killed" }), results };
    };
    const backend = numberBackend(
      (task, inputs, invocation) => {
        runs.set(task.index, (runs.get(task.index) ?? 0) + 1);
        return squaresAndSums(task, inputs, invocation);
      },
      { onInvoke, slots: 1 },
    );
    const driver = checkedDriver(backend);
    const numbers = await doneNumbers(
      driver.submit(jobOf(planOf([stageOf({ id: 1, count: 100 })], [[1]]))),
    );
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i * i));
    expect(losses).toBeGreaterThan(0);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
    await driver.close();
  });
});

describe("a failed task", () => {
  const stages = [
    stageOf({ id: 1, count: 4 }),
    stageOf({ id: 2, count: 4, reads: [[1, { kind: "one" }]] }),
    stageOf({ id: 3, count: 2, reads: [[2, { kind: "group", size: 2 }]] }),
  ];
  const failing = numberBackend.bind(null, (task, inputs, invocation) =>
    invocation.stage.label === "stage-1" && task.index === 3
      ? failedWith(task, thrown)
      : squaresAndSums(task, inputs, invocation),
  );

  test("fails all that depends on it with its own failure, and nothing else", async () => {
    const driver = checkedDriver(failing());
    const plan = planOf(stages, [
      [3, { kind: "range", start: 0, end: 1 }],
      [3, { kind: "range", start: 1, end: 2 }],
      [2, { kind: "range", start: 2, end: 3 }],
    ]);
    const outcomes = await driver.submit(jobOf(plan, { onError: "continue" })).outcomes;
    expect(outcomes.map(({ kind }) => kind)).toEqual(["done", "failed", "done"]);
    expect(outcomes[1]).toMatchObject({
      failure: { label: "stage-1", index: 3, definedAt: "test.ts:1:1", failure: thrown },
    });
    await driver.close();
  });

  test("stops the whole job if that is what was asked for", async () => {
    const driver = checkedDriver(failing());
    const plan = planOf(stages, [[3, { kind: "range", start: 1, end: 2 }], [2]]);
    const outcomes = await driver.submit(jobOf(plan)).outcomes;
    expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed"]);
    await driver.close();
  });

  test("is tried again for a job that comes later", async () => {
    let fails = true;
    const backend = numberBackend((task) => (fails ? failedWith(task, thrown) : task.index));
    const driver = checkedDriver(backend);
    const plan = planOf([stageOf({ id: 1, count: 1 })], [[1]]);
    const [first] = await driver.submit(jobOf(plan)).outcomes;
    expect(first?.kind).toBe("failed");
    fails = false;
    expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([0]);
    await driver.close();
  });
});

describe("a chunk that cannot be read", () => {
  const stored = { options: { store: true } };
  const plan = planOf(
    [
      stageOf({ id: 1, count: 3, ...stored }),
      stageOf({ id: 2, count: 3, reads: [[1, { kind: "one" }]] }),
    ],
    [[2]],
  );

  test.each(["lost-input", "corrupt-input"] as const)(
    "%s: its producer runs again",
    async (kind) => {
      const key = chunkKey(stageOf({ id: 1, count: 3 }).name, 1);
      let complaints = 0;
      const producerRuns: number[] = [];
      const backend = numberBackend((task, inputs, { stage }) => {
        if (stage.label === "stage-1") producerRuns.push(task.index);
        else if (task.index === 1 && complaints++ === 0) {
          const failure = kind === "lost-input" ? { kind, key } : { kind, key, detail: "cut" };
          return failedWith(task, failure);
        }
        return squaresAndSums(task, inputs, undefined as never);
      });
      if (kind === "corrupt-input") await backend.store.putIfAbsent(key, Uint8Array.of(1, 2, 3));
      const driver = checkedDriver(backend);
      expect(await doneNumbers(driver.submit(jobOf(plan)))).toEqual([0, 1, 4]);
      expect(producerRuns.sort()).toEqual([0, 1, 1, 2]);
      // A corrupt object is moved aside, a lost one cannot be.
      const bad: string[] = [];
      for await (const object of backend.store.list("bad/")) bad.push(object.key);
      expect(bad).toHaveLength(kind === "corrupt-input" ? 1 : 0);
      await driver.close();
    },
  );

  test("that is bad again and again ends in an error", async () => {
    const key = chunkKey(stageOf({ id: 1, count: 3 }).name, 1);
    const backend = numberBackend((task, inputs, invocation) =>
      invocation.stage.label === "stage-2" && task.index === 1
        ? failedWith(task, { kind: "corrupt-input", key, detail: "cut" })
        : squaresAndSums(task, inputs, invocation),
    );
    const driver = checkedDriver(backend);
    const [outcome] = await driver.submit(jobOf(plan)).outcomes;
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { failure: { kind: "corrupt-input" } },
    });
    await driver.close();
  });
});
