import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import {
  annotate,
  bind,
  checkpoint,
  clone,
  compute,
  currentTask,
  type Delayed,
  delayed,
  isLambdaskError,
  optimize,
  persist,
  TaskError,
  tokenize,
  waitOn,
} from "../../src/index.ts";
import { errorOf } from "../client/support.ts";
import { cloudClient } from "./cloud.ts";

const client = cloudClient();

/** When a call ran, and a number that only this run of it has. */
interface Ran {
  readonly name: string;
  readonly started: number;
  readonly ended: number;
  readonly mark: number;
}

const call = delayed(async (name: string, _after?: unknown): Promise<Ran> => {
  const started = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { name, started, ended: Date.now(), mark: Math.random() };
});
const names = (...all: string[]) =>
  fromSequence(all, { partitions: all.length }).map((name) => ({
    name,
    at: Date.now(),
    mark: Math.random(),
  }));

describe("delayed calls on Lambda", () => {
  test("that share calls run these once, in containers of any depth too", async () => {
    const top = call("top");
    const nested = { list: [top, [call("side", top)]], map: new Map([["k", { top }]]) };
    const [all, again] = await compute(delayed((x: unknown) => x)(nested), top);
    expect(all).toMatchObject({
      list: [again, [{ name: "side" }]],
      map: new Map([["k", { top: again }]]),
    });
  });

  test("are as many as you like, and as irregular", async () => {
    const add = delayed((own: number, inputs: readonly number[]) =>
      inputs.reduce((sum, input) => (sum * 31 + input) % 1_000_003, own),
    );
    const values: number[] = [];
    const calls: Delayed<number>[] = [];
    for (let i = 0; i < 2000; i++) {
      const from = [i >> 1, (i * 7) % (i + 1), i - 1].filter(
        (at) => at < i && at >= 0 && i % 5 > 0,
      );
      values.push(from.reduce((sum, at) => (sum * 31 + (values[at] ?? 0)) % 1_000_003, i));
      calls.push(
        add(
          i,
          from.map((at) => calls[at] as Delayed<number>),
        ),
      );
    }
    expect(await compute(calls.slice(-50))).toEqual([values.slice(-50)]);
  });

  test("are not run again where their results are kept, in other graphs too", async () => {
    const dice = call("dice");
    const [kept] = await persist(dice);
    const { mark } = await kept.compute();
    const marks = delayed((...all: Ran[]) => all.map((each) => each.mark));
    expect(await marks(kept, dice, call("dice")).compute()).toEqual([mark, mark, mark]);
    kept.release();
    expect(await marks(dice).compute()).not.toEqual([mark]);
  });

  test("fail all that depend on them, with their own error", async () => {
    const bad = delayed((limit: number): number => {
      throw Object.assign(new RangeError("too many"), { limit });
    })(3);
    const add = delayed((a: number, b: number) => a + b);
    const ends = await compute(bad, add(bad, 1), add(1, add(2, bad)), add(1, 2), {
      onError: "collect",
    });
    expect(ends[3]).toEqual({ value: 3 });
    for (const { error } of ends.slice(0, 3)) {
      if (!(error instanceof TaskError)) throw error;
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.cause).toMatchObject({ message: "too many", limit: 3 });
    }
  });

  test("stop at a signal, and what comes next runs", async () => {
    const controller = new AbortController();
    const calls = Array.from({ length: 40 }, (_, i) => call(`slow ${i}`));
    const computing = errorOf(() => compute(calls, { signal: controller.signal }));
    await call("before").compute({ priority: 1 });
    controller.abort();
    expect(isLambdaskError(await computing, "CANCELLED")).toBe(true);
    expect((await call("next").compute()).name).toBe("next");
  });

  test("are tried as often as any step of a fused chain was annotated with", async () => {
    const attempts = annotate({ retries: 2, priority: 1 }, () =>
      fromSequence([1, 2], { partitions: 2 }).map((n) => n * 10),
    ).map((n) => {
      const { attempt = 0 } = currentTask() ?? {};
      if (attempt < 3) throw new Error("not yet");
      return [n, attempt];
    });
    expect(await attempts.compute()).toEqual([
      [10, 3],
      [20, 3],
    ]);
  });

  test("give a value the token that it has here", async () => {
    const value = (): unknown => ({
      set: new Set(["b", "a"]),
      map: new Map<unknown, unknown>([[1n, new Date(0)]]),
      bytes: new Float32Array([1, Number.NaN, -0]),
    });
    const token = delayed((given: unknown) => tokenize(given, { strict: true }));
    expect(await token(value()).compute()).toBe(tokenize(value(), { strict: true }));
  });
});

describe("the order of work on Lambda", () => {
  test("a checkpoint is null when all has run", async () => {
    const future = client.current.submit((n: number) => n, 1);
    const first = call("first");
    const [done, ran] = await compute(checkpoint(first, names("a", "b"), future), first);
    expect([done, ran.name]).toEqual([null, "first"]);
  });

  test("what is bound runs after its parents, which run once", async () => {
    const parent = call("parent");
    const [before, child, bag] = await compute(
      parent,
      bind(call("child"), parent),
      bind(names("a", "b"), parent),
    );
    expect(child.started).toBeGreaterThanOrEqual(before.ended);
    for (const { at } of bag) expect(at).toBeGreaterThanOrEqual(before.ended);
    const again = bind(call("child"), parent, { seed: 1 });
    expect(tokenize(again)).toBe(tokenize(bind(call("child"), call("parent"), { seed: 1 })));
  });

  test("what waits gives its value on when all is there, and nothing runs twice", async () => {
    const [call1, bag] = [call("call"), names("a", "b")];
    const [callLater, bagLater] = waitOn(call1, bag);
    const next = call("next", callLater);
    const [nextRan, later, records, here] = await compute(next, callLater, bagLater, bag);
    expect(records).toEqual(here);
    for (const { at } of here) expect(nextRan.started).toBeGreaterThanOrEqual(at);
    expect(nextRan.started).toBeGreaterThanOrEqual(later.ended);
  });

  test("clones run beside the original, without what is omitted", async () => {
    const root = call("root");
    const both = delayed((ran: Ran) => [ran.mark, Math.random()] as const)(root);
    const [one, copy, partly] = await compute(both, clone(both), clone(both, { omit: root }));
    expect(copy[0]).not.toBe(one[0]);
    expect(partly[0]).toBe(one[0]);
    expect(new Set([one[1], copy[1], partly[1]]).size).toBe(3);
    const bag = names("a");
    const [first, second] = await compute(bag, clone(bag));
    expect(first[0]?.mark).not.toBe(second[0]?.mark);
  });

  test("optimized collections give what the originals give", async () => {
    const square = delayed((n: number) => n * n);
    const [nine, doubled] = optimize(
      square(3),
      fromSequence([1, 2]).map((n) => 2 * n),
    );
    expect(await compute(nine, doubled)).toEqual([9, [2, 4]]);
  });
});
