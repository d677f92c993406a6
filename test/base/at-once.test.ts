import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { atOnce } from "../../src/base/at-once.ts";

/** 1, 2, … `count`, one by one. */
async function* later(count: number): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) {
    await turn();
    yield n;
  }
}

test.each([
  ["a list", () => [1, 2, 3, 4, 5, 6, 7]],
  ["what comes one by one", () => later(7)],
])("does the work once for each item of %s, for so many at once and no more", async (_, items) => {
  const done: number[] = [];
  let now = 0;
  let most = 0;
  await atOnce(3, items(), async (n) => {
    now += 1;
    most = Math.max(most, now);
    // Every second one takes longer than the sequence takes for its next ones.
    for (let turns = n % 2 === 0 ? 20 : 10; turns > 0; turns--) await turn();
    now -= 1;
    done.push(n);
  });
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test("has nothing to do for no items", async () => {
  await atOnce(3, [], () => Promise.reject(new Error("not called")));
});

test("fails with the first error, and begins nothing after it", async () => {
  const begun: number[] = [];
  const others = Promise.withResolvers<void>();
  const all = atOnce(3, later(10), async (n) => {
    begun.push(n);
    if (n === 2) throw new RangeError("two");
    await others.promise;
  });
  await expect(all).rejects.toThrow(new RangeError("two"));
  others.resolve();
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(begun.filter((n) => n > 3)).toEqual([]);
});

test("fails when the next item cannot be had", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield* later(2);
    throw new RangeError("no third");
  }
  await expect(atOnce(2, broken(), async () => {})).rejects.toThrow("no third");
});
