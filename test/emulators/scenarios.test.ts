import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fromSequence, readText } from "../../src/bag.ts";
import {
  asCompleted,
  compute,
  currentTask,
  delayed,
  isLambdaskError,
  TaskError,
} from "../../src/index.ts";
import { errorOf } from "../client/support.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { cloudClient } from "./cloud.ts";

const client = cloudClient();

const slowly = (n: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, 20, n));

describe("on Lambda", () => {
  test("futures come as they are done, and may be arguments of others", async () => {
    const squares = client.current.map((n: number) => n * n, [1, 2, 3, 4, 5]);
    const sum = client.current.submit((all: number[]) => all.reduce((a, b) => a + b), squares);
    const seen: number[] = [];
    for await (const future of asCompleted(squares)) seen.push(await future.result());
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 4, 9, 16, 25]);
    expect(await sum.result()).toBe(55);
  });

  test("scattered data is read by many calls", async () => {
    const table = client.current.scatter(Float64Array.from({ length: 50_000 }, (_, i) => i));
    const reads = client.current.map((i: number) => i, [0, 10, 49_999]);
    const values = await client.current.gather(
      reads.map((at) =>
        client.current.submit((data: Float64Array, i: number) => data[i], table, at),
      ),
    );
    expect(values).toEqual([0, 10, 49_999]);
  });

  test("an error names the function and where it is written, and has its class and cause", async () => {
    const parse = delayed(function parseOrder(text: string) {
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new RangeError(`no order: ${text}`, { cause });
      }
    });
    const error = await errorOf(() => parse("{").compute());
    if (!(error instanceof TaskError)) throw error;
    expect(error).toMatchObject({
      code: "TASK_FAILED",
      task: { label: "parseOrder", attempts: 1 },
    });
    expect(error.task.definedAt).toMatch(/scenarios\.test\.ts:\d+:\d+$/);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect((error.cause as RangeError).cause).toBeInstanceOf(SyntaxError);
    const { stack = "" } = error.cause as RangeError;
    expect(stack).toMatch(/scenarios\.test\.ts:\d+:\d+/);
    // The user's function and what it calls, and nothing of the worker.
    expect(
      stack.match(/^ +at .*/gm)?.filter((line) => !line.includes("scenarios.test.ts")),
    ).toEqual([]);
  });

  test("an error of the library's own shows none of the worker's lines", async () => {
    const error = await errorOf(() => readText("s3://no-such-bucket-7f3a/*.txt").compute());
    expect(error).toMatchObject({ code: "SOURCE" });
    const { message, stack = "", cause } = error as Error;
    for (const text of [message, stack, (cause as Error).stack])
      expect(text).not.toContain("handler.mjs");
  });

  test("a call is tried again as often as was asked for, under one idempotency key", async () => {
    const flaky = delayed(
      () => {
        const { attempt = 0, idempotencyKey = "" } = currentTask() ?? {};
        if (attempt < 3) throw new Error(`not yet ${idempotencyKey}`);
        return [attempt, idempotencyKey] as const;
      },
      { retries: 2 },
    );
    const [attempt, key] = await flaky().compute();
    expect([attempt, key.length]).toEqual([3, 32]);
  });

  test("one failure leaves the others their results", async () => {
    const half = delayed((n: number) => {
      if (n % 2 === 1) throw new Error(`odd: ${n}`);
      return n / 2;
    });
    const ends = await compute(half(4), half(5), { onError: "collect" });
    expect(ends[0]).toEqual({ value: 2 });
    expect(ends[1].error).toMatchObject({ cause: { message: "odd: 5" } });
  });

  test("a function that ends its worker three times is named as what it is", async () => {
    const deadly = delayed(function deadly(): number {
      process.exit(3);
    });
    expect(await errorOf(() => deadly().compute())).toMatchObject({
      code: "POISON_TASK",
      message: expect.stringContaining("exit status 3") as unknown,
    });
  });

  test("a promise that nothing can settle is an error, and its time is not waited for", async () => {
    const hang = delayed(() => new Promise<number>(() => {}));
    expect(await errorOf(() => hang().compute())).toMatchObject({
      code: "TASK_FAILED",
      message: expect.stringContaining("can never settle") as unknown,
    });
  });

  test("a call beyond its deadline is an error after three attempts", async () => {
    const long = delayed(() => new Promise((resolve) => setTimeout(resolve, 60_000)), {
      timeoutMs: 200,
    });
    expect(await errorOf(() => long().compute())).toMatchObject({ code: "TASK_TIMEOUT" });
  });

  test("cancelled work stops, and what is asked for next runs", async () => {
    const controller = new AbortController();
    const work = fromSequence(
      Array.from({ length: 40 }, (_, i) => i),
      { partitions: 40 },
    ).map(slowly);
    const computing = errorOf(() => work.compute({ signal: controller.signal }));
    controller.abort();
    expect(isLambdaskError(await computing, "CANCELLED")).toBe(true);
    expect(await client.current.submit((n: number) => n + 1, 1).result()).toBe(2);
  });

  test("the number of workers changes in the middle of the work", async () => {
    const timed = async (n: number): Promise<readonly [number, number, number]> => {
      const start = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 30));
      return [n, start, Date.now()];
    };
    const numbers = Array.from({ length: 60 }, (_, i) => i);
    client.current.scale(1);
    const futures = client.current.map(timed, numbers);
    await futures[20]?.result();
    client.current.scale({ min: 1, max: 2 });
    const scaledAt = Date.now();
    const results = await client.current.gather(futures);
    expect(results.map(([n]) => n)).toEqual(numbers);
    // Two at once, by the clock that both sides have on these servers: not before, and then they are.
    const pairs = results.flatMap((one, at) => results.slice(at + 1).map((other) => [one, other]));
    const together = pairs
      .map(([one, other]) => [
        Math.max(one?.[1] ?? 0, other?.[1] ?? 0),
        Math.min(one?.[2] ?? 0, other?.[2] ?? 0),
      ])
      .filter(([start = 0, end = 0]) => start < end);
    expect(together.length).toBeGreaterThan(0);
    expect(together.filter(([start = 0]) => start < scaledAt)).toEqual([]);
  });

  test("bags are counted, ranked and grouped", async () => {
    const bag = fromSequence(
      Array.from({ length: 1000 }, (_, i) => i),
      { partitions: 7 },
    );
    expect(await bag.count().compute()).toBe(1000);
    expect(await bag.topk(3).compute()).toEqual([999, 998, 997]);
    const sums = await bag
      .foldBy(
        (n) => n % 3,
        (sum, n) => sum + n,
        { initial: 0, combine: (a, b) => a + b },
      )
      .compute();
    // Of 0…999: 334 multiples of 3 from 0 to 999; 333 each of the others.
    const byHand = [(334 * 999) / 2, (333 * (1 + 997)) / 2, (333 * (2 + 998)) / 2];
    expect(new Map(sums)).toEqual(new Map(byHand.map((sum, key) => [key, sum])));
  });

  test("bags become items: totals, folds and what is made of them", async () => {
    const bag = fromSequence(
      Array.from({ length: 100 }, (_, i) => i / 4),
      { partitions: 9 },
    );
    const [sum, mean, variance, best, all] = await compute(
      bag.sum(),
      bag.mean(),
      bag.variance(),
      bag.max(),
      bag.all((n) => n < 25),
    );
    // Of 0 … 99: sum 4950, squares 328350; all of it in quarters.
    expect([sum, mean, best, all]).toEqual([4950 / 4, 49.5 / 4, 99 / 4, true]);
    expect(variance).toBe((3283.5 - 49.5 ** 2) / 16);
    const texts = bag.filter((n) => Number.isInteger(n)).map((n) => `${n}`);
    const joined = texts.fold((a, b) => a + b, { fanIn: 2 });
    const digits = delayed((text: string, count: number) => [text.length, count]);
    // 0 … 24: ten of one digit and fifteen of two.
    expect(await digits(joined, texts.count()).compute()).toEqual([40, 25]);
    using kept = await bag.sum().persist();
    expect(await client.current.submit((n: number) => n * 4, kept).result()).toBe(4950);
  });

  test("running totals cross the parts of a bag, and distinct records lie in one", async () => {
    const bag = fromSequence(
      Array.from({ length: 40 }, (_, i) => i % 8),
      { partitions: 9 },
    );
    const ones = bag.filter((n) => n === 1);
    expect(await ones.accumulate((total, n) => total + n, 10).compute()).toEqual([
      10, 11, 12, 13, 14, 15,
    ]);
    expect(await bag.distinct().compute()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const names = new Map([[3, "three"]]);
    const joined = bag.join(
      names,
      (n) => n,
      ([n]) => n,
    );
    expect(await joined.count().compute()).toBe(5);
  });

  test("files of this machine are read and written", async () => {
    using folder = temporaryFolder();
    const at = (name: string): string => path.join(folder.path, name);
    fs.writeFileSync(at("in.txt"), "to be\nor not\nto be\n");
    const lines = readText(at("in.txt"), { blockBytes: 8 }).map((line) => line.toUpperCase());
    const files = await lines.writeText(at("out/*.txt"));
    expect(files).toEqual([0, 1, 2].map((n) => at(`out/${n}.txt`)));
    const texts = files.map((file) => fs.readFileSync(file, "utf8"));
    expect(texts.join("")).toBe("TO BE\nOR NOT\nTO BE\n");
    expect(fs.existsSync(at("out/_success-N.txt.json"))).toBe(true);
  });
});
