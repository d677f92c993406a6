import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { compute, currentTask, delayed, TaskError } from "../../src/index.ts";
import { errorOf, sharedClient, temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
sharedClient({ processes: 2 });

const noResult = (): Promise<number> => new Promise(() => {});

test("a promise that nothing can settle is an error that names the function, after each of its attempts", async () => {
  const file = path.join(folder.path, "attempts");
  const hang = delayed(
    function forgetToResolve() {
      appendFileSync(file, "x");
      return new Promise<number>(() => {});
    },
    { retries: 1 },
  );
  const error = await errorOf(() => hang().compute());
  if (!(error instanceof TaskError)) throw error;
  expect(error).toMatchObject({
    code: "TASK_FAILED",
    task: { label: "forgetToResolve", attempts: 2 },
    fix: expect.stringContaining("every promise") as unknown,
  });
  expect(error.message).toContain("can never settle");
  expect(readFileSync(file, "utf8")).toBe("xx");
});

test("other tasks of the same worker go on", async () => {
  const maybe = delayed((n: number) => (n % 3 === 0 ? noResult() : n));
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  const ends = (await compute(...numbers.map((n) => maybe(n)), {
    onError: "collect",
  } as never)) as { readonly value?: number; readonly error?: unknown }[];
  for (const [n, end] of ends.entries()) {
    if (n % 3 === 0) expect(end.error).toMatchObject({ code: "TASK_FAILED" });
    else expect(end).toEqual({ value: n });
  }
});

test("so is one of many that a bag waits for", async () => {
  const bag = fromSequence([1, 2, 3], { partitions: 1 }).map((n) => (n === 2 ? noResult() : n));
  expect(await errorOf(() => bag.compute())).toMatchObject({
    code: "TASK_FAILED",
    message: expect.stringContaining("can never settle") as unknown,
  });
});

test("a promise that a timer, a file or another thread settles is waited for", async () => {
  const file = path.join(folder.path, "read");
  writeFileSync(file, "text");
  const timer = delayed((ms: number) => new Promise<number>((done) => setTimeout(done, ms, ms)));
  const read = delayed(async (name: string) => {
    const { readFile } = await import("node:fs/promises");
    return readFile(name, "utf8");
  });
  const thread = delayed(async () => {
    const { Worker } = await import("node:worker_threads");
    const text = `require("node:worker_threads").parentPort.postMessage(7)`;
    return new Promise<number>((done) => {
      new Worker(text, { eval: true }).once("message", done);
    });
  });
  expect(await compute(timer(30), read(file), thread())).toEqual([30, "text", 7]);
});

test("a task that waits for its cancellation is left alone until it comes", async () => {
  const quiet = path.join(folder.path, "quiet");
  const stop = new AbortController();
  const waiting = delayed(async () => {
    const { signal } = currentTask() ?? {};
    setTimeout(() => writeFileSync(quiet, ""), 20);
    await new Promise((done) => signal?.addEventListener("abort", done));
  })().compute({ signal: stop.signal });
  const ended = errorOf(() => waiting);
  while (!existsSync(quiet)) await new Promise((done) => setTimeout(done, 5));
  stop.abort();
  expect(await ended).toMatchObject({ code: "CANCELLED" });
});
