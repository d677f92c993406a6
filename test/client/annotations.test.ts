import { describe, expect, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { type Lazy, lazyParts, worksOf } from "../../src/client/collection.ts";
import {
  annotate,
  clone,
  compute,
  currentAnnotations,
  currentTask,
  delayed,
} from "../../src/index.ts";
import type { Stage } from "../../src/plan/stage.ts";
import { planOf } from "../plan/support/plan.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
const gibibyte = 2 ** 30;

/** The stages that computing `lazies` would run, data aside. */
function stagesOf(...lazies: readonly Lazy[]): readonly Stage[] {
  const works = worksOf(lazies.map((lazy) => lazyParts(lazy, "test")));
  const limits = { workerMemoryBytes: 2 ** 40, reservedMemoryBytes: 0 };
  const { stages } = planOf(
    works.map(({ expr, indexes }) => ({ expr, indexes })),
    { limits },
  ).first;
  return stages.filter((stage) => stage.kind !== "data");
}

/** What was asked of the only stage of `lazies`. */
function optionsOf(...lazies: readonly Lazy[]): unknown {
  const [stage, ...others] = stagesOf(...lazies);
  expect(others).toEqual([]);
  const { retries, priority, memoryBytes, timeoutMs } = stage?.options ?? {};
  return { retries, priority, memoryBytes, timeoutMs };
}

const nothing = { retries: 0, priority: 0, memoryBytes: undefined, timeoutMs: undefined };
const numbers = fromSequence([1, 2, 3, 4], { partitions: 2 });
const plusOne = (bag: Bag<number>): Bag<number> => bag.map((n) => n + 1);

describe("annotations of a bag's verbs", () => {
  test("are, when the verbs are fused, the most of each, and the times one after another", () => {
    const first = annotate({ retries: 1, priority: 5, memory: "1 GiB", timeoutMs: 100 }, () =>
      plusOne(numbers),
    );
    const second = annotate({ retries: 3, priority: -1, memory: "2 GiB", timeoutMs: 50 }, () =>
      first.filter((n) => n % 2 === 0),
    );
    const most = { retries: 3, priority: 5, memoryBytes: 2 * gibibyte, timeoutMs: 150 };
    expect(optionsOf(second)).toEqual(most);
    const unlimited = annotate({ retries: 4 }, () => plusOne(plusOne(numbers)));
    expect(optionsOf(plusOne(unlimited))).toEqual({ ...nothing, retries: 4 });
    expect(stagesOf(plusOne(unlimited))[0]?.fused.length).toBeGreaterThan(2);
  });

  test("of which a time limit never holds for functions that have none", async () => {
    const limited = annotate({ timeoutMs: 1000 }, () => plusOne(numbers));
    const limits = (bag: Bag<number>): unknown =>
      stagesOf(bag).map(({ fused, options }) => [fused, options.timeoutMs]);
    expect(limits(plusOne(plusOne(limited)))).toEqual([
      [["map"], 1000],
      [["map", "map"], undefined],
    ]);
    const all = annotate({ timeoutMs: 1000 }, () => plusOne(plusOne(numbers)));
    expect(limits(all)).toEqual([[["map", "map"], 2000]]);
    // What calls no function of the user's shares the time.
    expect(limits(limited.compact())).toEqual([[["map", "compact"], 1000]]);
    const slow = numbers.map(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return n;
    });
    const quick = annotate({ timeoutMs: 20 }, () => slow.filter((n) => n > 2));
    expect(await quick.compute()).toEqual([3, 4]);
  });

  test("stay on the verbs that are written inside the scope", () => {
    const before = plusOne(numbers);
    const after = annotate({ retries: 2 }, () => before.frequencies());
    const stages = stagesOf(before, after, plusOne(before));
    // The bag itself is wanted too, so that nothing is fused over it.
    const found = stages.map(({ label, options }) => [label.split(" ")[0], options.retries]);
    expect(found.filter(([label]) => label === "map")).toEqual([
      ["map", 0],
      ["map", 0],
    ]);
    expect(found.filter(([label]) => label !== "map").length).toBeGreaterThan(1);
    expect(found.every(([label, retries]) => (label === "map") === (retries === 0))).toBe(true);
    expect(optionsOf(before)).toEqual(nothing);
    annotate({ retries: 2 }, () => expect(optionsOf(before)).toEqual(nothing));
  });

  test("hold for all that was fused when it runs", async () => {
    const failing = annotate({ retries: 2 }, () => plusOne(numbers)).map((n) => {
      if ((currentTask()?.attempt ?? 0) < 3) throw new Error("not yet");
      return n;
    });
    expect(await failing.compute()).toEqual([2, 3, 4, 5]);
    const never = plusOne(numbers).map(() => {
      throw new Error(`attempt ${currentTask()?.attempt}`);
    });
    expect(String(await errorOf(() => never.compute()))).toContain("attempt 1");
    expect(String(await errorOf(() => never.compute({ retries: 1 })))).toContain("attempt 2");
  });
});

const inc = delayed((n: number) => n + 1);

describe("annotations of delayed calls", () => {
  test("keep calls of other annotations in stages of their own", () => {
    const careful = annotate({ retries: 2, priority: 1 }, () => inc(inc(1)));
    const stages = stagesOf(inc(careful));
    expect(stages.map(({ count, options }) => [count, options.retries, options.priority])).toEqual([
      [1, 2, 1],
      [1, 0, 0],
    ]);
  });

  test("are the most of each for equal calls that are one", () => {
    const asked = [
      annotate({ retries: 1, memory: "2 GiB", timeoutMs: 50 }, () => inc(1)),
      annotate({ retries: 4, priority: 2, memory: "1 GiB", timeoutMs: 70 }, () => inc(1)),
      inc(1),
    ];
    const most = { retries: 4, priority: 2, memoryBytes: 2 * gibibyte, timeoutMs: 70 };
    expect(optionsOf(...asked)).toEqual(most);
  });

  test("stay on clones", () => {
    const call = annotate({ retries: 2, memory: "1 GiB" }, () => inc(1));
    expect(optionsOf(clone(call))).toEqual(optionsOf(call));
    const bag = annotate({ retries: 2, priority: 3 }, () => plusOne(numbers));
    expect(optionsOf(clone(bag))).toEqual(optionsOf(bag));
  });

  test("reach members, methods, wrapped values and futures", async () => {
    annotate({ retries: 2 }, () => {
      for (const lazy of [delayed("ab").length, delayed("ab").toUpperCase(), delayed([1])]) {
        expect(optionsOf(lazy)).toMatchObject({ retries: 2 });
      }
    });
    const future = annotate({ retries: 1 }, () =>
      client.current.submit(() => {
        const { attempt = 0 } = currentTask() ?? {};
        if (attempt < 2) throw new Error("not yet");
        return attempt;
      }),
    );
    expect(await future.result()).toBe(2);
  });
});

describe("scopes", () => {
  test("inherit, and the inner one wins", () => {
    expect(currentAnnotations()).toEqual({});
    annotate({ retries: 1, memory: "1 KiB" }, () => {
      annotate({ retries: 2, priority: 3, timeoutMs: 5 }, () => {
        const all = { retries: 2, priority: 3, memory: 1024, timeoutMs: 5 };
        expect(currentAnnotations()).toEqual(all);
        expect(optionsOf(inc(1))).toMatchObject({ retries: 2, priority: 3, memoryBytes: 1024 });
      });
      expect(currentAnnotations()).toEqual({ retries: 1, memory: 1024 });
    });
    expect(currentAnnotations()).toEqual({});
  });

  test("last through awaits, apart from each other", async () => {
    const scope = (retries: number): Promise<unknown> =>
      annotate({ retries }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return [currentAnnotations().retries, optionsOf(inc(retries))];
      });
    const expected = [1, 2].map((retries) => [retries, { ...nothing, retries }]);
    expect(await Promise.all([scope(1), scope(2)])).toEqual(expected);
  });

  test("end with an error too, and give what the function gives", () => {
    expect(() =>
      annotate({ retries: 1 }, () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(currentAnnotations()).toEqual({});
    expect(annotate({ priority: 1 }, () => 5)).toBe(5);
    expect(() => annotate({ retires: 1 } as object, () => 1)).toThrow(/unknown option "retires"/);
    expect(() => annotate({ retries: 1 }, 5 as never)).toThrow(/annotate: expected a function/);
  });

  test("do not change what a compute gives", async () => {
    const [a, b] = annotate({ retries: 1, priority: 2 }, () => [inc(1), plusOne(numbers)] as const);
    expect(await compute(a, b)).toEqual([2, [2, 3, 4, 5]]);
  });
});
