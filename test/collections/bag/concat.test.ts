import { expect, test } from "vitest";
import { type Bag, fromSequence, range } from "../../../src/bag.ts";
import { annotate, tokenize } from "../../../src/index.ts";
import { sharedClient } from "../../client/support.ts";
import { workOf } from "../../support/work.ts";

sharedClient({ inline: true });

/** What a program that collects bags in a loop makes. */
function inLoop(bags: readonly Bag<number>[]): Bag<number> {
  let all: Bag<number> = range(0);
  for (const bag of bags) all = all.concat(bag);
  return all;
}

const bags = Array.from({ length: 300 }, (_, i) =>
  fromSequence([i, -i], { partitions: 1 + (i % 2) }),
);

test("bags joined one by one are the same work as bags joined at once", async () => {
  const loop = inLoop(bags);
  expect(tokenize(loop)).toBe(tokenize(range(0).concat(...bags)));
  expect(loop.partitions).toBe(451);
  expect(await loop.compute()).toEqual(bags.flatMap((_, i) => [i, -i]));
});

test("so they are on the other side, and in the middle of others", async () => {
  const [a, b, c] = [range(1), range(2), range(3)];
  expect(tokenize(a.concat(b.concat(c)))).toBe(tokenize(a.concat(b, c)));
  expect(await c.concat(a.concat(b), a).compute()).toEqual([0, 1, 2, 0, 0, 1, 0]);
});

test("what was annotated stays a step of its own", async () => {
  const inner = annotate({ priority: 3 }, () => range(1).concat(range(2)));
  const outer = inner.concat(range(1));
  expect(tokenize(outer)).not.toBe(tokenize(range(1).concat(range(2), range(1))));
  expect(await outer.compute()).toEqual([0, 0, 1, 0]);
});

test("what was persisted is read from where it is kept", async () => {
  using kept = await range(2).concat(range(2)).persist();
  expect(await kept.concat(range(1)).compute()).toEqual([0, 1, 0, 1, 0]);
});

test("hundreds of bags cost a few steps for each bag and task, joined at once or one by one", async () => {
  const many = Array.from({ length: 300 }, (_, i) => fromSequence([i]));
  const expected = many.map((_, i) => i);
  for (const joined of [inLoop(many), range(0).concat(...many)]) {
    const work = await workOf(["client", "collections", "plan", "schedule", "worker"], async () => {
      expect(await joined.compute()).toEqual(expected);
    });
    // Where inputs were looked up one by one it took 49, and 16 seconds for 3,000 bags.
    expect(work / 300 ** 2).toBeLessThan(30);
  }
});

test("a bag more in a loop costs a look at each before it, and no more", async () => {
  const many = Array.from({ length: 300 }, (_, i) => fromSequence([i]));
  const work = await workOf(["collections", "plan"], async () => {
    expect(inLoop(many).partitions).toBe(301);
  });
  // Where the name was made of the names of all it took 2.6, and their hashing besides.
  expect(work / 300 ** 2).toBeLessThan(1);
});
