import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Bag, fromSequence } from "../../../src/bag.ts";
import { compute, delayed, isLambdaskError, persist } from "../../../src/index.ts";
import { errorOf, sharedClient, temporaryFolder } from "../../client/support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();

const numbers = Array.from({ length: 100 }, (_, n) => n);

/** A bag of the numbers, and how many records its function has seen so far. */
function logged(name: string): { readonly bag: Bag<number>; seen(): number } {
  const log = path.join(folder.path, name);
  writeFileSync(log, "");
  const bag = fromSequence(numbers, { partitions: 4 }).map((n) => {
    appendFileSync(log, "x");
    return n;
  });
  return { bag, seen: () => readFileSync(log, "utf8").length };
}

describe("an item", () => {
  test("runs nothing before compute", async () => {
    const { bag, seen } = logged("lazy");
    const total = bag.sum();
    expect(inspect(total)).toBe("Item { bag.sum }");
    expect(total.explain()).toContain("bag.sum");
    expect(total.visualize()).toContain("<svg");
    expect(await Promise.resolve<unknown>(total)).toBe(total);
    expect(seen()).toBe(0);
    expect(await total.compute()).toBe(4950);
    expect(seen()).toBe(100);
  });

  test("shares the work of its bag with others that are computed at once", async () => {
    const { bag, seen } = logged("shared");
    const all = await compute(
      bag.sum(),
      bag.mean(),
      bag.count(),
      bag.max(),
      bag.std(),
      bag.topk(1),
    );
    // The squares of 0 … 99 add up to 328350; the variance is their mean less the square of 49.5.
    expect(all).toEqual([4950, 49.5, 100, 99, Math.sqrt(3283.5 - 49.5 ** 2), [99]]);
    expect(seen()).toBe(100);
  });

  test("makes one pass for sum and mean, and one for variance and std", () => {
    const bag = fromSequence(numbers, { partitions: 4 });
    const both = delayed((...all: readonly number[]) => all.length);
    const passes = /\d\. bag\.sums$/gm;
    expect(both(bag.sum(), bag.mean()).explain().match(passes)).toHaveLength(1);
    expect(both(bag.std(), bag.variance()).explain().match(passes)).toHaveLength(1);
    expect(both(bag.sum(), bag.variance()).explain().match(passes)).toHaveLength(2);
  });

  test("is an argument of delayed calls and of futures, also inside containers", async () => {
    const bag = fromSequence(numbers, { partitions: 4 });
    const ratio = delayed(
      (all: { readonly sum: number; readonly count: number }) => all.sum / all.count,
    );
    expect(await ratio({ sum: bag.sum(), count: bag.count() }).compute()).toBe(49.5);
    const half = client.current.submit((n: number) => n / 2, bag.count());
    expect(await half.result()).toBe(50);
  });

  test("is kept by persist until it is released, and works after that too", async () => {
    const { bag, seen } = logged("kept");
    const [kept, other] = await persist(bag.sum(), bag.count());
    expect(
      await compute(
        kept,
        other,
        kept.map((n) => n + 1),
      ),
    ).toEqual([4950, 100, 4951]);
    expect(seen()).toBe(100);
    kept.release();
    other.release();
    kept.release();
    expect(await kept.compute()).toBe(4950);
    expect(seen()).toBe(200);
  });

  test("gives a delayed value, and is mapped", async () => {
    const bag = fromSequence([1, 2.25]);
    expect(await bag.sum().toDelayed().toFixed(1).compute()).toBe("3.3");
    const text = bag
      .sum()
      .map(async (n) => `${n}`)
      .map((n) => n.length);
    expect(await text.compute()).toBe(4);
  });

  test("cannot be put into text, compared or written as JSON", async () => {
    const total = fromSequence([1]).sum();
    for (const use of [() => `${total as unknown as string}`, () => JSON.stringify(total)]) {
      expect(isLambdaskError(await errorOf(use), "LAZY_MISUSE")).toBe(true);
    }
  });

  test("tells the error of the function that it is mapped with", async () => {
    const failing = fromSequence([1])
      .sum()
      .map((): number => {
        throw new RangeError("no sum");
      });
    expect(await errorOf(() => failing.compute())).toMatchObject({
      code: "TASK_FAILED",
      cause: { name: "RangeError", message: "no sum" },
    });
  });
});

test("any and all read no more of a part than decides them", async () => {
  const bag = fromSequence(
    Array.from({ length: 5000 }, (_, n) => n),
    { partitions: 1 },
  );
  const late = bag.map((n) => {
    if (n > 1000) throw new Error("read too far");
    return n;
  });
  expect(await late.any((n) => n === 3).compute()).toBe(true);
  expect(await late.all((n) => n < 3).compute()).toBe(false);
});
