import { appendFileSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compute, type Delayed, delayed, isLambdaskError, TaskError } from "../../src/index.ts";
import { logFile, sharedClient } from "./support.ts";

sharedClient({ inline: true });
const log = logFile();

/** The next number of a small generator, the same on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
}

const mix = delayed((own: number, inputs: readonly number[]) =>
  inputs.reduce((sum, input) => (sum * 31 + input) % 1_000_003, own),
);

test("an irregular graph of 100,000 calls gives what plain code gives", async () => {
  const count = 100_000;
  const random = generator(7);
  const values: number[] = [];
  const calls: Delayed<number>[] = [];
  for (let i = 0; i < count; i++) {
    // Between none and three inputs, near or anywhere before, and some calls that nobody reads.
    const from = Array.from({ length: Math.min(i, random(4)) }, () =>
      random(2) === 0 ? random(i) : i - 1 - random(Math.min(i, 100)),
    );
    values.push(from.reduce((sum, at) => (sum * 31 + (values[at] ?? 0)) % 1_000_003, i));
    calls.push(
      mix(
        i,
        from.map((at) => calls[at] as Delayed<number>),
      ),
    );
  }
  const wanted = Array.from({ length: 500 }, () => random(count)).concat(count - 1);
  expect(await compute(wanted.map((at) => calls[at] as Delayed<number>))).toEqual([
    wanted.map((at) => values[at]),
  ]);
}, 240_000);

class QuotaError extends Error {
  override readonly name = "QuotaError";
  readonly limit: number;
  readonly who: { readonly id: string };
  constructor(limit: number, id: string) {
    super(`more than ${limit}`, { cause: new RangeError("beneath") });
    this.limit = limit;
    this.who = { id };
  }
}

describe("a call that fails", () => {
  const fail = delayed((limit: number): number => {
    throw new QuotaError(limit, "ada");
  });
  const add = delayed((...values: number[]) => values.reduce((a, b) => a + b, 0));

  test("fails all that depend on it, with its own error, and nothing else", async () => {
    const bad = fail(3);
    let deep = add(bad, 1);
    for (let i = 0; i < 100; i++) deep = add(deep, 1);
    const fine = add(1, 2);
    const dependents = [bad, add(bad), add(fine, bad), deep, add(1, add(2, add(bad)))];
    const ends = await compute(...dependents, fine, { onError: "collect" });
    const last = ends.at(-1);
    expect(last).toEqual({ value: 3 });
    for (const { error } of ends.slice(0, -1)) {
      if (!(error instanceof TaskError)) throw error;
      expect(error.code).toBe("TASK_FAILED");
      expect(error.task.attempts).toBe(1);
      expect(error.cause).toMatchObject({
        name: "QuotaError",
        message: "more than 3",
        limit: 3,
        who: { id: "ada" },
      });
      expect((error.cause as Error).cause).toBeInstanceOf(RangeError);
    }
  });

  test("runs once, however many depend on it", async () => {
    const bad = delayed((file: string): number => {
      appendFileSync(file, "x");
      throw new Error("no");
    })(log.path);
    const ends = await compute(...Array.from({ length: 20 }, (_, i) => add(bad, i)), {
      onError: "collect",
    });
    expect(ends.every(({ error }) => error instanceof TaskError)).toBe(true);
    expect(readFileSync(log.path, "utf8")).toBe("x");
  });
});

describe("a signal", () => {
  const step = delayed(async (file: string, n: number) => {
    appendFileSync(file, "x");
    await new Promise((resolve) => setTimeout(resolve, 5));
    return n;
  });

  test("stops work that is under way; computed again, it is finished", async () => {
    const controller = new AbortController();
    const calls = Array.from({ length: 200 }, (_, n) => step(log.path, n));
    const total = delayed((all: readonly number[]) => all.reduce((a, b) => a + b, 0))(calls);
    const computing = total.compute({ signal: controller.signal }).catch((error: unknown) => error);
    while (readFileSync(log.path, "utf8").length < 5) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    controller.abort(new Error("enough"));
    const error = await computing;
    expect(isLambdaskError(error, "CANCELLED")).toBe(true);
    expect(error).toMatchObject({ cause: { message: "enough" } });
    expect(readFileSync(log.path, "utf8").length).toBeLessThan(200);
    expect(await total.compute()).toBe((199 * 200) / 2);
    // What had finished before was kept for it.
    expect(readFileSync(log.path, "utf8").length).toBeLessThan(250);
  });

  test("stops work that a task returned; computed again, neither is done twice", async () => {
    const controller = new AbortController();
    const plan = delayed((file: string, count: number) => {
      appendFileSync(file, "p");
      return Array.from({ length: count }, (_, n) => step(file, n));
    });
    const lazy = plan(log.path, 100);
    const computing = lazy.compute({ signal: controller.signal }).catch((error: unknown) => error);
    while (readFileSync(log.path, "utf8").length < 10) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    controller.abort();
    expect(isLambdaskError(await computing, "CANCELLED")).toBe(true);
    expect(await lazy.compute()).toEqual(Array.from({ length: 100 }, (_, n) => n));
    const ran = readFileSync(log.path, "utf8");
    expect(ran.match(/p/g)).toEqual(["p"]);
    expect(ran.match(/x/g)?.length).toBeLessThan(130);
  });

  test("that has fired already starts nothing", async () => {
    const error = await step(log.path, 1)
      .compute({ signal: AbortSignal.abort() })
      .catch((thrown: unknown) => thrown);
    expect(isLambdaskError(error, "CANCELLED")).toBe(true);
    expect(readFileSync(log.path, "utf8")).toBe("");
  });
});
