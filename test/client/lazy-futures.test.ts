import { describe, expect, test } from "vitest";
import { fromDelayed, fromSequence } from "../../src/bag.ts";
import {
  bind,
  checkpoint,
  clone,
  compute,
  delayed,
  type Future,
  type Lazy,
  optimize,
  waitOn,
} from "../../src/index.ts";
import { heldOf } from "../support/collect-garbage.ts";
import { sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });

/** The future of a list that only what is made of it holds. */
function list(): Future<number[]> {
  return client.current.submit((n: number) => [n, n + 1], 4);
}

/** The same of a number. */
function five(): Future<number> {
  return client.current.submit((n: number) => n + 1, 4);
}

const numbers = fromSequence([1, 2], { partitions: 2 });
const sum = delayed((all: readonly number[]) => all.reduce((a, b) => a + b, 0));

describe("a future that only lazy work holds is there when the work is computed", () => {
  test.each<readonly [string, () => Lazy, unknown]>([
    ["a bag of it", () => fromDelayed([list()]), [4, 5]],
    ["a bag of it and of calls", () => fromDelayed([list(), delayed(() => [6])()]), [4, 5, 6]],
    ["a verb on such a bag", () => fromDelayed([list()]).map((n) => n * 2), [8, 10]],
    ["a total of such a bag", () => fromDelayed([list()]).sum(), 9],
    ["a call on such a bag", () => sum(fromDelayed([list()])), 9],
    ["such a bag made again", () => clone(fromDelayed([list()])), [4, 5]],
    ["such a bag optimized", () => optimize(fromDelayed([list()]))[0], [4, 5]],
    ["what a verb takes beside a bag", () => numbers.map((n, by) => n * by, five()), [5, 10]],
    ["a call", () => sum(list()), 9],
    ["a call on a container of it", () => sum([five(), 1]), 6],
    ["a bag that waits for it", () => bind(numbers, five()), [1, 2]],
    ["a call that waits for it", () => bind(sum([1, 2]), five()), 3],
    ["what waits beside it", () => waitOn(numbers, five())[0], [1, 2]],
    ["a checkpoint of it", () => checkpoint(five()), null],
  ])("%s", async (_, make, value) => {
    const lazy = make();
    await heldOf([]);
    expect(await compute(lazy)).toEqual([value]);
    await heldOf([]);
    expect(await compute(lazy)).toEqual([value]);
  });
});

test("a future of such work holds none of the futures that the work was made of", async () => {
  const before: WeakRef<Future<number[]>>[] = [];
  let last = list();
  for (let step = 0; step < 3; step++) {
    before.push(new WeakRef(last));
    last = client.current.submit((all: number[]) => all.map((n) => n + 1), fromDelayed([last]));
    await last.ended();
  }
  expect(await heldOf(before)).toBe(0);
  expect(await last.result()).toEqual([7, 8]);
});
