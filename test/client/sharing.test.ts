import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromDelayed, fromSequence } from "../../src/bag.ts";
import {
  bind,
  clone,
  compute,
  connect,
  delayed,
  optimize,
  persist,
  tokenize,
} from "../../src/index.ts";
import { logFile, sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const log = logFile();
const otherStore = temporaryFolder();

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
  expect(await sum([one]).compute()).toBe(1);
  expect(runs()).toBe(0);
});

test("calls whose results are kept are not run in other graphs, nor what only they need", async () => {
  const calls = items().map((item) => call(item));
  const total = sum(calls);
  using kept = await total.persist();
  expect(runs()).toBe(4);
  const again = sum(items().map((item) => call(item)));
  const next = delayed((a: number, b: number) => a * 100 + b);
  // Also where an equal call was written again, beside a call that it shares with others, and below itself.
  expect(await compute(next(again, 1), next(total, 2), total, most(calls.slice(0, 1)))).toEqual([
    1001, 1002, 10, 1,
  ]);
  expect(runs()).toBe(1);
  expect(await client.current.submit((n: number) => n + 1, again).result()).toBe(11);
  expect(runs()).toBe(0);
  kept.release();
  expect(await next(again, 1).compute()).toBe(1001);
  expect(runs()).toBe(4);
});

test("kept results of many calls are read as one stage, and go one by one", async () => {
  const calls = items().map((item) => call(item));
  const kept = await persist(...calls);
  expect(runs()).toBe(4);
  expect(sum(calls).explain()).toMatch(/Physical plan: 1 stage, 1 task/);
  expect(await sum(calls).compute()).toBe(10);
  expect(await sum(kept).compute()).toBe(10);
  expect(runs()).toBe(0);
  kept[0]?.release();
  expect(await sum(calls).compute()).toBe(10);
  expect(runs()).toBe(1);
  for (const each of kept) each.release();
  expect(await sum(calls).compute()).toBe(10);
  expect(runs()).toBe(4);
});

test("impure calls that are kept are the same call wherever it is used", async () => {
  const dice = delayed(counted, { pure: false })({ n: 5, log: log.path });
  using kept = await dice.persist();
  expect(await compute(kept, sum([dice, dice]))).toEqual([5, 10]);
  expect(runs()).toBe(1);
});

test("another client, and one that is opened later, runs again what it does not keep itself", async () => {
  const one = call(items()[0] as Item);
  using _kept = await one.persist();
  expect(runs()).toBe(1);
  const other = await connect({ inline: true, store: otherStore.path });
  expect(await sum([one]).compute()).toBe(1);
  expect(runs()).toBe(1);
  const keptThere = await one.persist();
  expect(await sum([one]).compute()).toBe(1);
  expect(runs()).toBe(1);
  await other.close();
  expect(await sum([one, keptThere]).compute()).toBe(2);
  expect(runs()).toBe(0);
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

test("calls that bags are made of, or take beside their records, are one with what is computed along", async () => {
  const calls = items().map((item) => call(item));
  const lists = calls.map((n) => delayed((x: number) => [x])(n));
  const bag = fromDelayed([...lists, client.current.submit(() => [5])]);
  const scaled = bag.map((n, by) => n * by, most(calls));
  const values = await compute(bag, scaled, sum(calls), most(calls.slice(0, 2)));
  expect(values).toEqual([[1, 2, 3, 4, 5], [4, 8, 12, 16, 20], 10, 2]);
  expect(runs()).toBe(4);
  using _kept = await lists[0]?.persist();
  expect(runs()).toBe(1);
  expect(await bag.take(1)).toEqual([1]);
  expect(runs()).toBe(0);
});

test("bags of calls are cloned and bound with these calls", async () => {
  const list = delayed((x: number) => [x])(call(items()[0] as Item));
  const bag = fromDelayed([list]);
  expect(await compute(bag, clone(bag), clone(bag, { omit: list }), list)).toEqual([
    [1],
    [1],
    [1],
    [1],
  ]);
  expect(runs()).toBe(2);
  const parent = call(items()[1] as Item);
  expect(await compute(bind(bag, parent), bind(bag, parent, { omit: list }), parent)).toEqual([
    [1],
    [1],
    2,
  ]);
  expect(runs()).toBe(3);
  expect(tokenize(bag, { strict: true })).toBe(tokenize(fromDelayed([list])));
  const dice = delayed(() => [Math.random()], { pure: false })();
  expect(() => tokenize(fromDelayed([dice]), { strict: true })).toThrow(/an impure call/);
});

test("containers keep what is persisted and optimized in them, and futures stay what they are", async () => {
  const calls = items().map((item) => call(item));
  const future = client.current.submit(counted, items()[0] as Item);
  await future.result();
  runs();
  const named = new Map([["sum", sum(calls)]]);
  const [list, map, same] = await persist(calls, named, future);
  expect(runs()).toBe(4);
  expect(same).toBe(future);
  expect(await compute(list, map)).toEqual([[1, 2, 3, 4], new Map([["sum", 10]])]);
  expect(runs()).toBe(0);
  for (const each of [...list, ...map.values()]) each.release();
  const [[first, again], untouched] = optimize([calls[0], call(items()[0] as Item)], future);
  expect(untouched).toBe(future);
  expect(await compute([first, again])).toEqual([[1, 1]]);
  expect(runs()).toBe(1);
});

test("calls behind a bag that a delayed call takes are one with those that are computed along", async () => {
  const calls = items().map((item) => call(item));
  const lists = calls.map((n) => delayed((x: number) => [x])(n));
  const bag = fromDelayed(lists);
  const total = sum(bag);
  expect(await compute(total, most(calls), bag, lists.slice(2, 3))).toEqual([
    10,
    4,
    [1, 2, 3, 4],
    [[3]],
  ]);
  expect(runs()).toBe(4);
  // Behind a bag that is made of what a bag gave, and with one of the calls kept.
  const above = fromDelayed([delayed((x: number) => [x, x])(total), ...lists.slice(0, 1)]);
  using _kept = await calls[1]?.persist();
  expect(runs()).toBe(1);
  expect(await compute(most(above), sum(calls), above)).toEqual([10, 10, [10, 10, 1]]);
  expect(runs()).toBe(3);
  const parent = call(items()[3] as Item);
  const held = [bind(sum(bag), parent), bind(bag.count(), parent), parent] as const;
  expect(await compute(held)).toEqual([[10, 4, 4]]);
  expect(runs()).toBe(9);
});
