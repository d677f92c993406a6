import { describe, expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { TaskResult, TaskSpec } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { makeRunId } from "../../src/base/ids.ts";
import type { MemoryStore } from "../../src/local/memory-store.ts";
import { readJournal } from "../../src/schedule/journal.ts";
import { createKeeper } from "../../src/schedule/keeper.ts";
import { heartbeatAgeMax, journalName, recordName } from "../../src/schedule/run-record.ts";
import { bytesOf, doneWith, numberBackend } from "./support/number-backend.ts";
import { checkedDriver, doneNumbers, jobOf, squaresAndSums } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

const key = nameOf("the work");
const name = "work";
/** Processes 1 to 9 live. */
const living = (pid: number): { host: string; pid: number; isAlive(pid: number): boolean } => ({
  host: "here",
  pid,
  isAlive: (other) => other < 10,
});

describe("what an earlier run left", () => {
  test("in the journal is not computed again; a torn tail does no harm", async () => {
    const run = makeRunId("cut-off");
    const ran: number[] = [];
    const backend = numberBackend((task) => {
      ran.push(task.index);
      return task.index * 10;
    });
    const first = checkedDriver(backend);
    const plan = planOf([stageOf({ id: 1, count: 30 })], [[1]]);
    const half = planOf(
      [stageOf({ id: 1, count: 30 })],
      [[1, { kind: "range", start: 0, end: 20 }]],
    );
    await first.submit(jobOf(half, { run, journal: true })).outcomes;
    await backend.runs.append(journalName(run), Uint8Array.of(1, 2, 3));
    ran.length = 0;
    const second = checkedDriver(backend);
    const journal = await backend.runs.get(journalName(run));
    second.recall(journal?.bytes ?? new Uint8Array(0));
    const numbers = await doneNumbers(second.submit(jobOf(plan, { run, lookForChunks: true })));
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => i * 10));
    expect(ran.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 20 + i));
  });

  test("in the store is found by one listing per thousand chunks, and what made it is not even looked for", async () => {
    const ran: string[] = [];
    const backend = numberBackend((task, inputs, invocation) => {
      ran.push(`${invocation.stage.label}:${task.index}`);
      return squaresAndSums(task, inputs, invocation);
    });
    const stages = [
      stageOf({ id: 1, count: 2500 }),
      stageOf({ id: 2, count: 2500, reads: [[1, { kind: "one" }]] }),
    ];
    const target = stages[1]?.name ?? nameOf("none");
    for (let i = 0; i < 2500; i++) {
      if (i !== 1234) await backend.store.putIfAbsent(chunkKey(target, i), bytesOf(i * i));
    }
    const prefixes: string[] = [];
    const list: MemoryStore["list"] = backend.store.list.bind(backend.store);
    backend.store.list = (prefix: string, signal?: AbortSignal) => {
      prefixes.push(prefix);
      return list(prefix, signal);
    };
    const driver = checkedDriver(backend);
    const handle = driver.submit(jobOf(planOf(stages, [[2]]), { lookForChunks: true }));
    const [outcome] = await handle.outcomes;
    expect(outcome?.kind).toBe("done");
    expect(ran).toEqual(["stage-1:1234", "stage-2:1234"]);
    // Three blocks of the target, and the one block of its producer that the missing chunk lies in.
    expect(prefixes).toHaveLength(4);
    await driver.close();
  });
});

/** Tasks whose chunks go to the store: their answers hold no bytes. */
const storing =
  (write: (task: TaskSpec) => void) =>
  (task: TaskSpec): TaskResult => {
    write(task);
    const output = { bytes: 8, rows: 1, checksum: task.index };
    return { ...doneWith(task, 0), status: "done", output, existed: false, lazy: false };
  };

test("what still ran when a job was cancelled and released is in its journal", async () => {
  const run = makeRunId("cancelled");
  let answer: () => void = () => undefined;
  const backend = numberBackend(squaresAndSums, {
    slots: 1,
    onInvoke: ({ tasks }) =>
      new Promise((resolve) => {
        const results = tasks.map((task) => doneWith(task, task.index + 0.5));
        answer = () => resolve({ kind: "answered", worker: 0, results });
      }),
  });
  const driver = checkedDriver(backend);
  const handle = driver.submit(
    jobOf(planOf([stageOf({ id: 1, count: 3 })], [[1]]), { run, journal: true }),
  );
  handle.cancel();
  expect((await handle.outcomes).map(({ kind }) => kind)).toEqual(["cancelled"]);
  handle.release();
  answer();
  await driver.close();
  const journal = await backend.runs.get(journalName(run));
  const [record] = readJournal(journal?.bytes ?? new Uint8Array(0));
  expect(record?.entries.map(({ index }) => index)).toEqual([0]);
});

describe("runs and what they keep", () => {
  test("a run whose process is gone is taken over with its journal, cut where it is torn", async () => {
    const backend = numberBackend(squaresAndSums);
    const gone = createKeeper(backend, living(77));
    const first = await gone.open({ key, name });
    expect(first.resumed).toBe(false);
    await backend.runs.append(journalName(first.run), Uint8Array.of(9, 9, 9));
    const second = await createKeeper(backend, living(2)).open({ key, name });
    expect(second).toMatchObject({ run: first.run, resumed: true });
    expect(second.journal).toEqual(new Uint8Array(0));
    expect((await backend.runs.get(journalName(first.run)))?.bytes).toEqual(new Uint8Array(0));
  });

  test("a run whose process lives is left alone, and so is other work", async () => {
    const backend = numberBackend(squaresAndSums);
    const mine = await createKeeper(backend, living(1)).open({ key, name });
    const other = await createKeeper(backend, living(2)).open({ key, name });
    expect(other.run).not.toBe(mine.run);
    expect(other.resumed).toBe(false);
    const different = await createKeeper(backend, living(3)).open({ key: nameOf(1), name });
    expect(different.resumed).toBe(false);
  });

  test("on another host only the age of the heartbeat counts", async () => {
    const backend = numberBackend(squaresAndSums);
    const there = { host: "there", pid: 77, isAlive: () => false };
    const first = await createKeeper(backend, there).open({ key, name });
    const fresh = await createKeeper(backend, living(1)).open({ key, name });
    expect(fresh.run).not.toBe(first.run);
    await fresh.finish();
    const file = await backend.runs.get(recordName(first.run));
    const record = JSON.parse(Buffer.from(file?.bytes ?? []).toString()) as { heartbeatMs: number };
    record.heartbeatMs = backend.nowMs - heartbeatAgeMax - 1;
    await backend.runs.replace(recordName(first.run), Buffer.from(JSON.stringify(record)));
    const taken = await createKeeper(backend, living(1)).open({ key, name });
    expect(taken.run).toBe(first.run);
  });

  test("a finished run leaves no record, no journal and none of its chunks", async () => {
    const written: Promise<unknown>[] = [];
    const stage = stageOf({ id: 1, count: 5 });
    const backend = numberBackend(
      storing(({ index }) => {
        written.push(backend.store.putIfAbsent(chunkKey(stage.name, index), bytesOf(index)));
      }),
    );
    const keeper = createKeeper(backend, living(1));
    const run = await keeper.open({ key, name });
    const driver = checkedDriver(backend, { keeper });
    const handle = driver.submit(jobOf(planOf([stage], [[1]]), { run: run.run, journal: true }));
    await handle.outcomes;
    expect(await keysOf(backend)).toHaveLength(5);
    handle.release();
    await run.finish();
    await driver.close();
    await Promise.all(written);
    expect(await keysOf(backend)).toEqual([]);
    expect(await backend.runs.list("runs/")).toEqual([]);
  });

  test("chunks that another client's run pins stay, and go with that run", async () => {
    const stage = stageOf({ id: 1, count: 5 });
    const backend = numberBackend(
      storing(({ index }) => {
        void backend.store.putIfAbsent(chunkKey(stage.name, index), bytesOf(index));
      }),
    );
    const clients = await Promise.all(
      [1, 2].map(async (pid) => {
        const keeper = createKeeper(backend, living(pid));
        const run = await keeper.open({ key, name });
        const driver = checkedDriver(backend, { keeper });
        const handle = driver.submit(jobOf(planOf([stage], [[1]]), { run: run.run }));
        await handle.outcomes;
        return { run, driver, handle };
      }),
    );
    const left: number[] = [];
    for (const { run, driver, handle } of clients) {
      handle.release();
      await run.finish();
      await driver.close();
      left.push((await keysOf(backend)).length);
    }
    expect(left).toEqual([5, 0]);
  });

  test("what is kept outlives its run, small results too, until it is released", async () => {
    const stage = stageOf({ id: 1, count: 3 });
    const backend = numberBackend(squaresAndSums);
    const keeper = createKeeper(backend, living(1));
    const run = await keeper.open({ key, name });
    const driver = checkedDriver(backend, { keeper });
    const handle = driver.submit(jobOf(planOf([stage], [[1]]), { run: run.run, keep: "targets" }));
    await handle.outcomes;
    expect(await keeper.isKept(stage.name)).toBe(true);
    expect(await keysOf(backend)).toHaveLength(3);
    handle.release({ kept: true });
    await driver.close();
    expect(await keeper.isKept(stage.name)).toBe(false);
    expect(await keysOf(backend)).toEqual([]);
    await run.finish();
  });

  test("intermediates go when their last reader has committed", async () => {
    const stage = stageOf({ id: 1, count: 5 });
    const backend = numberBackend((task, _inputs, invocation) => {
      if (invocation.stage.label !== "stage-1") return task.index;
      void backend.store.putIfAbsent(chunkKey(stage.name, task.index), bytesOf(task.index));
      return storing(() => undefined)(task);
    });
    const keeper = createKeeper(backend, living(1));
    const run = await keeper.open({ key, name });
    const driver = checkedDriver(backend, { keeper });
    const total = stageOf({ id: 2, count: 1, reads: [[1, { kind: "all" }]] });
    const handle = driver.submit(jobOf(planOf([stage, total], [[2]]), { run: run.run }));
    await handle.outcomes;
    await new Promise((resolve) => setImmediate(resolve));
    expect(await keysOf(backend)).toEqual([]);
    handle.release();
    await driver.close();
  });
});

test("intermediates that two clients shared go with the last of them", async () => {
  const stage = stageOf({ id: 1, count: 5 });
  const total = stageOf({ id: 2, count: 1, reads: [[1, { kind: "all" }]] });
  const answers: (() => void)[] = [];
  const backend = numberBackend(squaresAndSums, {
    // The sums are answered when both clients have asked for theirs.
    onInvoke: async ({ stage: { label }, tasks }) => {
      if (label !== "stage-1") {
        await new Promise<void>((resolve) => {
          if (answers.push(resolve) === 2) for (const answer of answers) answer();
        });
        return { kind: "answered", worker: 0, results: tasks.map((task) => doneWith(task, 10)) };
      }
      for (const { index } of tasks) {
        await backend.store.putIfAbsent(chunkKey(stage.name, index), bytesOf(index));
      }
      const results = tasks.map(storing(() => undefined));
      return { kind: "answered", worker: 0, results };
    },
  });
  const clients = await Promise.all(
    [1, 2].map(async (pid) => {
      const keeper = createKeeper(backend, living(pid));
      const run = await keeper.open({ key: nameOf(pid), name });
      const driver = checkedDriver(backend, { keeper });
      return {
        run,
        driver,
        handle: driver.submit(jobOf(planOf([stage, total], [[2]]), { run: run.run })),
      };
    }),
  );
  await Promise.all(clients.map(({ handle }) => handle.outcomes));
  for (const { run, driver, handle } of clients) {
    handle.release();
    await driver.afterDeletions(() => run.finish());
    await driver.close();
  }
  expect(await keysOf(backend)).toEqual([]);
});

test("who waits for another client's deletion keeps the process alive: it may have nothing else to do", async () => {
  const backend = numberBackend(squaresAndSums);
  const names = [nameOf("shared")];
  const other = createKeeper(backend, living(1));
  const { run } = await other.open({ key, name });
  await other.pin(run, names);
  expect(await other.unpin(run, names, "over")).toEqual(names);
  const waits: unknown[] = [];
  const { after } = backend.clock;
  const watched: typeof after = (delayMs, wake, ...rest) => {
    waits.push(...rest);
    if (waits.length > 0) void other.deleted(run, names);
    return after(delayMs, wake);
  };
  const keeper = createKeeper(
    { ...backend, clock: { ...backend.clock, after: watched } },
    living(2),
  );
  const mine = await keeper.open({ key: nameOf("other work"), name });
  await keeper.pin(mine.run, names);
  expect(waits).toEqual([{ holds: true }]);
});

async function keysOf(backend: ReturnType<typeof numberBackend>): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of backend.store.list("tmp/")) keys.push(object.key);
  return keys;
}
