import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { compute, delayed } from "../../src/index.ts";
import { logFile, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
const log = logFile();

interface Item {
  readonly n: number;
  readonly log: string;
}

/** Notes each run. */
function counted({ n, log: file }: Item): number {
  appendFileSync(file, "x");
  return n;
}

const items = (): Item[] => [1, 2, 3, 4].map((n) => ({ n, log: log.path }));
/** How often `counted` has run since the last question. */
function runs(): number {
  const { length } = readFileSync(log.path, "utf8");
  writeFileSync(log.path, "");
  return length;
}

const call = delayed(counted);
const sum = delayed((list: readonly number[]) => list.reduce((a, b) => a + b, 0));
const most = delayed((list: readonly number[]) => Math.max(...list));

test("one compute runs what its arguments share once", async () => {
  const [first, second] = [items().map((item) => call(item)), items().map((item) => call(item))];
  expect(await compute(sum(first), most(second))).toEqual([10, 4]);
  expect(runs()).toBe(4);
  const bag = fromSequence(items(), { partitions: 2 }).map(counted);
  await compute(bag, bag.frequencies());
  expect(runs()).toBe(4);
});

test("computations at the same time share only what is the same as a whole", async () => {
  const calls = items().map((item) => call(item));
  await Promise.all([sum(calls).compute(), sum(calls).compute()]);
  expect(runs()).toBe(4);
  await Promise.all([sum(calls).compute(), most(calls).compute()]);
  expect(runs()).toBe(8);
});

test("what is computed again runs again, unless it is kept", async () => {
  const one = call(items()[0] as Item);
  await one.compute();
  await one.compute();
  expect(runs()).toBe(2);
  using kept = await one.persist();
  expect(runs()).toBe(1);
  await compute(kept, sum([kept]));
  await one.compute();
  expect(runs()).toBe(0);
  expect(await sum([one]).compute()).toBe(1);
  expect(runs()).toBe(1);
});

test("operations on a bag that was persisted start from what is kept", async () => {
  const bag = fromSequence(items(), { partitions: 2 }).map(counted);
  using kept = (await bag.persist()) as typeof bag & Disposable;
  expect(runs()).toBe(4);
  await compute(
    bag,
    kept,
    bag.map((n) => n + 1),
    bag.frequencies(),
  );
  await bag.count().compute();
  expect(runs()).toBe(0);
});

test("equal calls of one client's futures are one, while a future is held", async () => {
  const { current } = client;
  const [item] = items();
  const first = current.submit(counted, item as Item);
  await first.result();
  await current.submit(counted, item as Item).result();
  expect(runs()).toBe(1);
  expect(first.status).toBe("finished");
});
