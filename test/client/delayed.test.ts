import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { fromDelayed, fromSequence } from "../../src/bag.ts";
import {
  annotate,
  compute,
  config,
  currentTask,
  type Delayed,
  delayed,
  isLambdaskError,
  type LambdaskError,
  logEvent,
  persist,
  type TaskError,
  visualize,
  withConfig,
} from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });

const add = delayed((a: number, b: number) => a + b);
const inc = delayed((x: number) => x + 1);
const same = delayed((x: unknown) => x);

describe("calls", () => {
  test("run when computed, with lazy and plain arguments", async () => {
    expect(await add(1, add(2, 3)).compute()).toBe(6);
  });

  test("take lazies inside lists, records, Maps and Sets, however nested", async () => {
    const nested = {
      list: [inc(1), [inc(2)]],
      map: new Map([["k", { v: inc(3) }]]),
      set: new Set([inc(4)]),
    };
    expect(await same(nested).compute()).toEqual({
      list: [2, [3]],
      map: new Map([["k", { v: 4 }]]),
      set: new Set([5]),
    });
  });

  test("take bags and futures, wrapped or not", async () => {
    const bag = fromSequence([1, 2, 3], { partitions: 2 });
    const list = delayed(bag);
    const future = delayed(client.current.submit((n: number) => [n, n], 4));
    const doubled = list.map((n) => 2 * n);
    expect(await compute(list, list.length, doubled, future.length, same({ bag, future }))).toEqual(
      [[1, 2, 3], 3, [2, 4, 6], 2, { bag: [1, 2, 3], future: [4, 4] }],
    );
    expect(await delayed(inc(1)).compute()).toBe(2);
  });

  test("leave lazies in containers alone with traverse: false, which is refused at the call", () => {
    const direct = delayed((x: unknown) => x, { traverse: false });
    const told = {
      code: "NOT_DATA",
      fix: expect.stringMatching(/leave out traverse: false/) as unknown,
    };
    expect(() => direct([inc(1)])).toThrow(expect.objectContaining(told));
    expect(() => direct({ a: inc })).toThrow(/direct|\.a: the function/);
    expect(() => delayed([inc(1)], { traverse: false })).toThrow(expect.objectContaining(told));
    expect(() => direct([new (class Socket {})()])).toThrow(
      expect.objectContaining({ fix: expect.stringMatching(/^return and pass/) as unknown }),
    );
  });

  test("keep arguments as they were when the call was written", async () => {
    const record = { n: 1 };
    const lazy = same(record);
    record.n = 2;
    expect(await lazy.compute()).toEqual({ n: 1 });
  });

  test("await async functions", async () => {
    expect(await delayed(async (x: number) => x * 2)(21).compute()).toBe(42);
  });

  test("take functions as arguments", async () => {
    const factor = 3;
    const apply = delayed((call: (x: number) => number, x: number) => call(x));
    expect(await apply((x) => x * factor, 5).compute()).toBe(15);
  });

  test("carry large data apart from the call, once for all that take it", async () => {
    const table = Float64Array.from({ length: 50_000 }, (_, i) => i);
    const lazyTable = delayed(table);
    const at = delayed((values: Float64Array, i: number) => values[i]);
    expect(await compute(at(lazyTable, 7), at(lazyTable, 49_999))).toEqual([7, 49_999]);
  });

  test("refuse data that is none, at the call", () => {
    class Handle {}
    expect(() => same(new Handle())).toThrow(expect.objectContaining({ code: "NOT_DATA" }));
  });
});

describe("results", () => {
  test("give attributes, items and methods lazily", async () => {
    const list = delayed(["b", "a"]);
    const point = delayed((x: number) => ({ x, y: { z: x + 1 } }))(1);
    const found = await compute(list.concat(["c"]).join("-"), list.at(1), list.length, point.y.z);
    expect(found).toEqual(["b-a-c", "a", 2, 2]);
  });

  test("say which method is missing", async () => {
    const lazy: unknown = Reflect.get(delayed(5), "noSuch");
    const error = await errorOf(() => (lazy as () => { compute(): Promise<unknown> })().compute());
    expect(String(error)).toContain('5 has no method "noSuch"');
  });

  test("with nout are destructured", async () => {
    const divide = delayed((a: number, b: number): [number, number] => [Math.floor(a / b), a % b], {
      nout: 2,
    });
    const [quotient, rest] = divide(17, 5);
    expect(await compute(quotient, rest)).toEqual([3, 2]);
    const both = divide(9, 4);
    expect(both.length).toBe(2);
    expect(await compute(both[1], both)).toEqual([1, [2, 1]]);
    expect(() => Reflect.get(both, 2)).toThrow(/there is no value 2: nout says .* gives 2/);
  });

  test.each<[string, unknown, string]>([
    ["fewer values", [1], "the call gave 1 of 3 values"],
    ["more values", [1, 2, 3, 4], "the call gave 4 values, not 3"],
    ["a text", "abc", 'the call gave "abc", not a list of 3 values'],
    ["a set", new Set([1, 2, 3]), "the call gave an object, not a list of 3 values"],
    ["nothing", undefined, "the call gave undefined, not a list of 3 values"],
  ])("with nout that give %s are errors", async (_what, given, message) => {
    const give = delayed((value: unknown) => value as [number, number, number], { nout: 3 });
    const [first, , third] = give(given);
    for (const run of [
      () => first.compute(),
      () => compute(first, third),
      () => inc(third).compute(),
    ]) {
      const error = (await errorOf(run)) as TaskError;
      expect(error.code).toBe("TASK_FAILED");
      expect(error.message).toContain(message);
      expect(error.fix).toBe("return an array of 3 values, or say another nout");
    }
  });

  test("with nout may give delayed values", async () => {
    const two = delayed((n: number) => [add(n, 1), add(n, 2)] as const, { nout: 2 });
    const [first, second] = two(1);
    expect(await compute(first, second)).toEqual([2, 3]);
    const one = delayed((n: number) => [add(n, 1)] as unknown as [number, number], { nout: 2 });
    expect(((await errorOf(() => one(1)[0].compute())) as TaskError).message).toContain(
      "1 of 2 values",
    );
  });

  test("that are delayed again are computed too, nested and in containers", async () => {
    const both = delayed((n: number) => [add(n, 1), { k: add(n, 2) }]);
    const countdown = delayed((n: number): unknown => (n === 0 ? "end" : same(n - 1)));
    expect(await both(1).compute()).toEqual([2, { k: 3 }]);
    expect(await countdown(3).compute()).toBe(2);
  });

  test("that are delayed again are resolved one after another, however deep", async () => {
    const later = delayed((n: number) => inc(n));
    let value: Delayed<number> = later(0);
    for (let i = 1; i < 150; i++) value = later(value);
    expect(await value.compute()).toBe(150);
  });

  test("that are delayed again reach the calls that take them", async () => {
    const list = delayed((n: number) => [add(n, 1), add(n, 2)]);
    const total = delayed((xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
    expect(await inc(total(list(10))).compute()).toBe(24);
  });
});

const multiply = delayed((a: number, b: number) => a * b);

/** Recursion through tasks: each level returns delayed work. */
function factorial(n: number): unknown {
  return n <= 1 ? 1 : multiply(n, delayed(factorial)(n - 1) as never);
}

function forever(n: number): unknown {
  return delayed(forever)(n + 1);
}

describe("recursion through tasks", () => {
  test("ends with the value", async () => {
    expect(await delayed(factorial)(6).compute()).toBe(720);
  });

  test("that does not end is stopped by a limit", async () => {
    const endless = (): Promise<unknown> => delayed(forever)(1).compute();
    const error = await errorOf(() => withConfig({ compute: { rounds: 40 } }, endless));
    expect(isLambdaskError(error, "LIMIT")).toBe(true);
    expect(String(error)).toContain("in place of a value 40 times, one after another");
    const future = client.current.submit(forever, 1);
    await expect(withConfig({ compute: { rounds: 30 } }, () => future.result())).rejects.toThrow(
      "in place of a value 30 times",
    );
    expect(config.get("compute.rounds")).toBe(1000);
  });
});

describe("functions in a task", () => {
  const plus = (x: number, y: number): number => x + y;

  test("that came with it can be delayed there", async () => {
    expect(await delayed((n: number) => delayed(plus)(n, 1))(1).compute()).toBe(2);
  });

  test("that were made in it are refused", async () => {
    const bad = delayed((n: number) => delayed((x: number) => x + n)(1));
    const error = await errorOf(() => bad(1).compute());
    expect(isLambdaskError(error, "CANNOT_SHIP")).toBe(true);
    expect(String(error)).toContain("make it outside of the task");
  });
});

describe("purity", () => {
  test("equal pure calls are one, impure ones all run", async () => {
    const chance = (): number => Math.random();
    const pure = delayed(chance);
    const impure = delayed(chance, { pure: false });
    const [a, b, c, d] = await compute(pure(), pure(), impure(), impure());
    expect(a).toBe(b);
    expect(c).not.toBe(d);
  });

  test("a diamond's corner runs once", async () => {
    const corner = delayed((x: number) => [x, Math.random()]);
    const side = delayed((pair: readonly number[], _which: string) => pair[1]);
    const top = corner(1);
    const [left, right] = await compute(side(top, "left"), side(top, "right"));
    expect(left).toBe(right);
  });
});

describe("what a lazy value cannot do", () => {
  const lazy = inc(1);
  const misuses: Record<string, () => unknown> = {
    "be set": () => Reflect.set(lazy, "x", 1),
    "be put into text": () => `${lazy}`,
    "be added": () => (lazy as unknown as number) + 1,
    "be compared": () => (lazy as unknown as number) < 2,
    "be iterated": () => [...(lazy as unknown as Iterable<unknown>)],
    "be destructured": () => {
      const [a] = lazy as unknown as [unknown];
      return a;
    },
    "be asked for a name with `in`": () => "x" in lazy,
    "be spread": () => ({ ...lazy }),
    "be written as JSON": () => JSON.stringify(lazy),
    "lose a field": () => Reflect.deleteProperty(lazy, "x"),
    "be called": () => (lazy as unknown as () => unknown)(),
  };
  for (const [what, misuse] of Object.entries(misuses)) {
    test(what, () => {
      const error = (() => {
        try {
          return misuse();
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(isLambdaskError(error, "LAZY_MISUSE")).toBe(true);
      expect((error as LambdaskError).fix).toBeTruthy();
    });
  }

  test("be awaited: that gives the lazy value itself", async () => {
    expect((await Promise.resolve(lazy)) === lazy).toBe(true);
  });

  test("start work when it is looked at", () => {
    const bomb = delayed(() => {
      throw new Error("ran");
    });
    // A function without a name is called by its place.
    expect(inspect(bomb())).toMatch(/^Delayed <function at delayed\.test\.ts:\d+\(0\)>$/);
    expect(bomb().explain()).toMatch(/function at delayed\.test\.ts:\d+/);
    expect(bomb().visualize()).toContain("<svg");
  });
});

describe("options", () => {
  test("unknown and wrong ones are refused by name", () => {
    const wrong = { retires: 1 } as object;
    expect(() => delayed(() => 1, wrong)).toThrow(/unknown option "retires"[\s\S]*"retries"/);
    expect(() => delayed(() => 1, { nout: -1 })).toThrow(/delayed: nout/);
    expect(() => delayed(() => 1, { retries: 1.5 })).toThrow(/delayed: retries/);
    expect(() => delayed(() => 1, { memory: "lots" })).toThrow(/delayed: memory/);
    expect(() => annotate({ priority: Number.NaN }, () => 1)).toThrow(/annotate: priority/);
  });

  test("currentTask shows what users need of a task, and no more", async () => {
    const seen = delayed(() => Object.keys(currentTask() ?? {}).sort());
    const facts = ["attempt", "idempotencyKey", "index", "name", "signal"];
    expect(await seen().compute()).toEqual(facts);
  });

  test("calls that run in one task have a key each, and keep it when they are tried again", async () => {
    const keys = delayed(
      (before: readonly string[]) => {
        const { attempt, idempotencyKey = "" } = currentTask() ?? {};
        const all = [...before, idempotencyKey];
        if (all.length === 3) logEvent("keys of a chain", all);
        if (all.length === 3 && attempt === 1) throw new Error("once more");
        return all;
      },
      { retries: 1 },
    );
    const made = await keys(keys(keys([]))).compute();
    expect(new Set(made).size).toBe(3);
    const attempts = client.current.events("keys of a chain");
    expect(attempts.map(({ data }) => data)).toEqual([made, made]);
  });

  test("a call with effects that has succeeded does not run again when a step behind it fails", async () => {
    const charge = delayed(
      (order: string) => {
        logEvent("charges", order);
        return [order];
      },
      { pure: false },
    );
    const flaky = (order: string): string => {
      if ((currentTask()?.attempt ?? 0) < 3) throw new Error("no paper");
      return `receipt of ${order}`;
    };
    const print = delayed((orders: readonly string[]) => orders.map(flaky));
    const [receipts, records] = [print(charge("pears")), fromDelayed([charge("figs")]).map(flaky)];
    expect(await receipts.compute({ retries: 2 })).toEqual(["receipt of pears"]);
    expect(await records.compute({ retries: 2 })).toEqual(["receipt of figs"]);
    const charges = client.current.events("charges");
    expect(charges.map(({ data }) => data)).toEqual(["pears", "figs"]);
  });

  test("annotate reaches the calls written inside it, and the call's own options win", async () => {
    const attempts = delayed((_key: string) => {
      const { attempt = 0 } = currentTask() ?? {};
      if (attempt < 3) throw new Error(`attempt ${attempt}`);
      return attempt;
    });
    const inside = annotate({ retries: 2 }, () => attempts("a"));
    expect(await inside.compute()).toBe(3);
    await expect(attempts("b").compute()).rejects.toThrow("attempt 1");
    const own = delayed(
      () => {
        throw new Error(`attempt ${currentTask()?.attempt}`);
      },
      { retries: 1 },
    );
    await expect(annotate({ retries: 5 }, () => own()).compute()).rejects.toThrow("attempt 2");
  });
});

describe("compute and persist", () => {
  test("are drawn together, in one picture that shows what they share once", () => {
    const shared = delayed(function shared(n: number) {
      return n;
    });
    const bag = fromSequence([1]).map((n) => 2 * n);
    const picture = visualize(shared(1), [shared(1), new Set([bag])]);
    expect(picture.match(/>shared</g)).toHaveLength(1);
    expect(picture).toContain(">graph · 1 task ·");
    expect(picture).toContain(">map · 1 task ·");
    expect(() => visualize(5 as never)).toThrow(/visualize: expected a lazy collection/);
    expect(() => visualize(bag, [1])).toThrow(/visualize: argument 2: expected a lazy/);
    expect(() => visualize()).toThrow(/visualize: expected a lazy collection/);
  });

  test("compute several at once, containers too", async () => {
    expect(await compute(inc(1), [inc(2), [inc(3)]], new Map([["k", inc(4)]]))).toEqual([
      2,
      [3, [4]],
      new Map([["k", 5]]),
    ]);
  });

  test("compute gives plain data as it is", async () => {
    const day = new Date(5);
    expect(await compute(1, inc(1), "a", null, undefined, day, [2], { n: inc(2) })).toEqual([
      1,
      2,
      "a",
      null,
      undefined,
      day,
      [2],
      { n: 3 },
    ]);
    expect(await compute(5)).toEqual([5]);
    expect(await compute(5, inc(1), { onError: "collect" })).toEqual([{ value: 5 }, { value: 2 }]);
  });

  test("refuse what is no collection", async () => {
    for (const wrong of [() => inc(1), Symbol("s")]) {
      const error = await errorOf(() => compute(wrong as never));
      expect(String(error)).toContain("compute: argument 1: expected a lazy collection");
    }
    await expect(compute(inc(1), { onEror: "collect" } as never)).rejects.toThrow(/onError/);
  });

  test("persist keeps results until they are released, and work starts from them", async () => {
    const dice = delayed(() => Math.random(), { name: "dice" });
    const kept = await dice().persist();
    const first = await kept.compute();
    const added = delayed((x: number) => x);
    expect(await added(kept).compute()).toBe(first);
    kept.release();
    kept[Symbol.dispose]();
    expect(await kept.compute()).not.toBe(first);
    const twice = await (await inc(4).persist()).persist();
    expect(await twice.compute()).toBe(5);
    const [again] = await persist(inc(1));
    expect(await again.compute()).toBe(2);
  });

  test("inside a task are refused with the cure", async () => {
    const error = await errorOf(() => delayed(() => inc(1).compute())().compute());
    expect(isLambdaskError(error, "LAZY_MISUSE")).toBe(true);
    expect(String(error)).toContain("return the delayed value");
  });
});
