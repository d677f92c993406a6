import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { type Bag, fromSequence, type Item } from "../../src/bag.ts";
import {
  type Client,
  connect,
  type Delayed,
  delayed,
  type Future,
  type Lazy,
} from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { errorOf } from "./support.ts";

let folder: ReturnType<typeof temporaryFolder>;
let clients: Client[] = [];
let backend: Backend;
/** Two clients of one store, as two programs have them. */
let [publisher, reader] = [] as unknown as [Client, Client];
beforeEach(async () => {
  folder = temporaryFolder();
  backend = localBackend({ inline: true, store: folder.path });
  reader = await connect({ inline: true, store: folder.path, progress: "none" });
  publisher = await connect({ backend, progress: "none" });
  clients = [reader, publisher];
});
afterEach(async () => {
  for (const client of clients) await client.close();
  folder[Symbol.dispose]();
});

/** Computes on the reader: the newest client is the one that computes. */
async function onReader<T>(compute: () => Promise<T>): Promise<T> {
  await publisher.close();
  return await compute();
}

/** All that lies in the folder: publications, notes, records and chunks. */
function filesIn({ store }: Backend): Promise<string[]> {
  return Array.fromAsync(store.list(""), ({ key }) => key);
}

async function chunksOf({ store }: Backend): Promise<string[]> {
  return (await Array.fromAsync(store.list("tmp/"), ({ key }) => key)).sort();
}

/** Numbers that are others each time they are made. */
const drawn = (partitions: number, records = 6): Bag<number> =>
  fromSequence(
    Array.from({ length: records }, (_, i) => i),
    { partitions },
  ).map((n) => n + Math.random());

describe("what one program publishes, another one has", () => {
  test("as a bag, with its parts and order, ready for any operation", async () => {
    const kept = await drawn(3).persist();
    const values = await kept.compute();
    await publisher.publish("numbers", kept);
    kept.release();
    const found = await reader.published<Bag<number>>("numbers");
    expect(found.partitions).toBe(3);
    await onReader(async () => {
      expect(await found.compute()).toEqual(values);
      expect(await found.map((n) => -n).compute()).toEqual(values.map((n) => -n));
      expect(await found.take(2)).toEqual(values.slice(0, 2));
      expect(await found.count().compute()).toBe(6);
      const rounded = await found.groupBy((n) => Math.floor(n) % 2, { partitions: 2 }).compute();
      expect(new Map(rounded)).toEqual(
        new Map([0, 1].map((odd) => [odd, values.filter((n) => Math.floor(n) % 2 === odd)])),
      );
      using again = await found.persist();
      expect(await again.compute()).toEqual(values);
    });
  });

  test("as an item and as delayed values, of which one call may be many", async () => {
    const draw = delayed((n: number) => ({ n, at: [Math.random()] }));
    const pair = [draw(1), draw(2)] as const;
    await publisher.publish("total", fromSequence([1, 2, 3]).sum());
    await publisher.publish("one", pair[0]);
    await publisher.publish("two", pair[1]);
    expect(await publisher.publishedNames()).toEqual(["one", "total", "two"]);
    const total = await reader.published<Item<number>>("total");
    const one = await reader.published<Delayed<{ n: number; at: number[] }>>("one");
    const two = await reader.published<Delayed<{ n: number; at: number[] }>>("two");
    await onReader(async () => {
      expect(await total.map((n) => n * 10).compute()).toBe(60);
      const first = await one.compute();
      expect(await one.compute()).toEqual(first);
      expect(first.n).toBe(1);
      expect(await two.n.compute()).toBe(2);
      const sum = delayed((a: { n: number }, b: { n: number }, c: number) => a.n + b.n + c);
      expect(await sum(one, two, total).compute()).toBe(9);
      const kept = await two.persist();
      expect((await kept.compute()).n).toBe(2);
      kept.release();
      expect((await kept.compute()).n).toBe(2);
    });
  });

  test("as the values of futures, whose clients may be gone", async () => {
    const draw = (n: number): { n: number; at: number } => ({ n, at: Math.random() });
    const future = publisher.submit(draw, 7);
    const large = publisher.scatter(new Float64Array(20_000).fill(3));
    const [list] = publisher.compute(fromSequence([1, 2, 3], { partitions: 2 }).map((n) => n * n));
    await publisher.publish("future", future); // not awaited before
    const value = await future.result();
    future.release();
    await publisher.publish("large", large);
    await publisher.publish("list", delayed(list as Future<number[]>));
    const mine = await publisher.published<Delayed<{ n: number; at: number }>>("future");
    expect(await mine.compute()).toEqual(value);
    await onReader(async () => {
      const one = await reader.published<Delayed<{ n: number; at: number }>>("future");
      expect(await one.compute()).toEqual(value);
      expect(await one.n.compute()).toBe(7);
      const numbers = await reader.published<Delayed<Float64Array>>("large");
      expect(await numbers.compute()).toEqual(new Float64Array(20_000).fill(3));
      const squares = await reader.published<Delayed<number[]>>("list");
      expect(await squares.map((n) => -n).compute()).toEqual([-1, -4, -9]);
    });
  });

  test("and computes nothing for it, in the program that made it neither", async () => {
    await publisher.publish("numbers", drawn(2));
    const mine = await publisher.published<Bag<number>>("numbers");
    const values = await mine.compute();
    expect(
      await drawn(2)
        .persist()
        .then((kept) => kept.compute()),
    ).toEqual(values);
    await onReader(async () => {
      const theirs = await reader.published<Bag<number>>("numbers");
      expect(await theirs.compute()).toEqual(values);
    });
  });

  test("and publishes again, whole or changed, though the first name is taken back", async () => {
    await publisher.publish("numbers", drawn(2));
    await publisher.publish("first", delayed((n: number): [number, number] => [n, n + 1])(1));
    await publisher.close();
    const numbers = await reader.published<Bag<number>>("numbers");
    const values = await numbers.compute();
    await reader.publish("same", numbers);
    await reader.publish(
      "doubled",
      numbers.map((n) => n * 2),
    );
    const first = await reader.published<Delayed<[number, number]>>("first");
    await reader.publish("again", first);
    await reader.publish("item", first[1]);
    for (const name of ["numbers", "first"]) await reader.unpublish(name);
    const same = await reader.published<Bag<number>>("same");
    const doubled = await reader.published<Bag<number>>("doubled");
    expect(await same.compute()).toEqual(values);
    expect(await doubled.compute()).toEqual(values.map((n) => n * 2));
    expect(await (await reader.published<Delayed<number[]>>("again")).compute()).toEqual([1, 2]);
    expect(await (await reader.published<Delayed<number>>("item")).compute()).toBe(2);
    for (const name of await reader.publishedNames()) await reader.unpublish(name);
    await reader.close();
    expect(await filesIn(backend)).toEqual([]);
  });

  test.for([0, 1, 7, 32])("with %d records in as many parts as they have", async (records) => {
    const bag = fromSequence(
      Array.from({ length: records }, (_, i) => i),
      { partitions: Math.max(1, Math.floor(records / 2)) },
    );
    await publisher.publish("bag", bag);
    const found = await reader.published<Bag<number>>("bag");
    expect(found.partitions).toBe(bag.partitions);
    await onReader(async () => {
      expect(await found.compute()).toEqual(Array.from({ length: records }, (_, i) => i));
    });
  });

  test("until it is unpublished: then nothing is left of it", async () => {
    await publisher.publish("numbers", drawn(3));
    const kept = await drawn(3).persist();
    await kept.compute();
    kept.release();
    await drawn(3).compute();
    await publisher.close();
    expect(await chunksOf(backend)).toHaveLength(3);
    await reader.unpublish("numbers");
    expect(await chunksOf(backend)).toEqual([]);
    await reader.close();
    expect(await filesIn(backend)).toEqual([]);
  });

  test("as long as a run reads it, even if it is unpublished meanwhile", async () => {
    await publisher.publish("numbers", fromSequence([1, 2, 3], { partitions: 3 }));
    const theirs = await publisher.published<Bag<number>>("numbers");
    const doubled = theirs.map(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return n * 2;
    });
    const computing = doubled.compute();
    const runs = async (): Promise<number> => (await backend.runs.list("runs/")).length;
    await expect.poll(runs).toBeGreaterThan(0);
    await reader.unpublish("numbers");
    expect(await computing).toEqual([2, 4, 6]);
    expect(await errorOf(() => doubled.compute())).toMatchObject({ code: "CHUNK_LOST" });
    await publisher.close();
    await reader.close();
    expect(await filesIn(backend)).toEqual([]);
  });
});

describe("a name", () => {
  test("that nobody has published is told, with what there is", async () => {
    expect(await errorOf(() => reader.published("words"))).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringContaining("nothing is published in this store") as unknown,
    });
    await publisher.publish("words", fromSequence(["a"]));
    expect(await errorOf(() => reader.published("wrods"))).toMatchObject({
      code: "NOT_PUBLISHED",
      fix: 'did you mean "words"?',
      message: expect.stringContaining(
        'client.published: nothing is published under "wrods"',
      ) as unknown,
    });
    expect(await errorOf(() => reader.unpublish("numbers"))).toMatchObject({
      code: "NOT_PUBLISHED",
      message: expect.stringContaining('published are: "words"') as unknown,
    });
  });

  test("that is taken stays with who has it, unless it is replaced", async () => {
    await publisher.publish(
      "it",
      fromSequence([1]).map((n) => n + 1),
    );
    const before = await chunksOf(backend);
    const other = fromSequence([1]).map((n) => n + 2);
    expect(await errorOf(() => publisher.publish("it", other))).toMatchObject({
      code: "ALREADY_PUBLISHED",
    });
    expect(await chunksOf(backend)).toEqual(before);
    await publisher.publish("it", other, { replace: true });
    expect(await chunksOf(backend)).not.toEqual(before);
    expect(await chunksOf(backend)).toHaveLength(1);
    const found = await reader.published<Bag<number>>("it");
    expect(await onReader(() => found.compute())).toEqual([3]);
  });

  test("may be any text, and two names may have the same chunks", async () => {
    const names = ["../a/b", "ä 📦\n", "con", "x".repeat(1000)];
    for (const name of names) await publisher.publish(name, fromSequence([5]));
    expect(await reader.publishedNames()).toEqual(names.toSorted());
    expect(await chunksOf(backend)).toHaveLength(1);
    for (const name of names.slice(1)) await publisher.unpublish(name);
    const found = await reader.published<Bag<number>>("../a/b");
    expect(await onReader(() => found.compute())).toEqual([5]);
  });

  test("that eight want at once has one of them, and nothing is left of the others", async () => {
    const publish = (i: number, options?: { replace: boolean }): Promise<void> =>
      (i % 2 === 0 ? publisher : reader).publish("one", fromSequence([i]), options);
    const all = Array.from({ length: 8 }, (_, i) => i);
    const ends = await Promise.allSettled(all.map((i) => publish(i)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const end of ends) {
      if (end.status === "rejected")
        expect(end.reason).toMatchObject({ code: "ALREADY_PUBLISHED" });
    }
    await Promise.all(all.map((i) => publish(i, { replace: true })));
    const [last] = await (await publisher.published<Bag<number>>("one")).compute();
    expect(all).toContain(last);
    await publisher.close();
    await reader.close();
    const left = await filesIn(backend);
    expect(left.map((name) => name.split("/")[0]).sort()).toEqual(["kept", "published", "tmp"]);
  });
});

describe("publishing refuses", () => {
  test("what is no name, no collection or no option", async () => {
    const bag = fromSequence([1]);
    const wrong = (call: () => unknown, message: string): Promise<void> =>
      errorOf(call).then((error) => {
        expect(error).toMatchObject({
          code: "BAD_ARGUMENT",
          message: expect.stringContaining(message) as unknown,
        });
      });
    await wrong(
      () => publisher.publish("", bag),
      "client.publish: name: expected a text of 1 to 1000",
    );
    await wrong(() => publisher.published(7 as unknown as string), "client.published: name");
    await wrong(() => publisher.unpublish("x".repeat(1001)), "client.unpublish: name");
    await wrong(
      () => publisher.publish("a", [1] as unknown as Lazy),
      "client.publish: the collection",
    );
    const options = { overwrite: true } as unknown as { replace: boolean };
    await wrong(() => publisher.publish("a", bag, options), "overwrite");
    const text = { replace: "yes" } as unknown as { replace: boolean };
    await wrong(() => publisher.publish("a", bag, text), "client.publish: replace");
    expect(await publisher.publishedNames()).toEqual([]);
  });

  test("a future that ended without a value, and leaves nothing of it", async () => {
    const failed = publisher.submit((): number => {
      throw new RangeError("no");
    });
    expect(await errorOf(() => publisher.publish("a", failed))).toMatchObject({
      code: "TASK_FAILED",
      message: expect.stringContaining("RangeError: no") as unknown,
    });
    const cancelled = publisher.submit(() => 1);
    cancelled.cancel();
    expect(await errorOf(() => publisher.publish("a", cancelled))).toMatchObject({
      code: "CANCELLED",
    });
    const released = publisher.submit(() => 2);
    await released.result();
    released.release();
    expect(await errorOf(() => publisher.publish("a", released))).toMatchObject({
      message: expect.stringContaining("a result that was released") as unknown,
      fix: expect.any(String) as unknown,
    });
    expect(await publisher.publishedNames()).toEqual([]);
  });

  test("work that fails, and leaves nothing of it", async () => {
    const fails = fromSequence([1, 2], { partitions: 2 }).map((n) => {
      if (n === 2) throw new RangeError("not 2");
      return n;
    });
    expect(await errorOf(() => publisher.publish("a", fails))).toMatchObject({
      code: "TASK_FAILED",
    });
    await publisher.close();
    await reader.close();
    expect(await filesIn(backend)).toEqual([]);
  });
});

describe("a published chunk", () => {
  test("that is gone is named, since the work that made it is not here", async () => {
    await publisher.publish("numbers", fromSequence([1, 2, 3], { partitions: 3 }));
    const [, second] = await chunksOf(backend);
    if (second === undefined) throw new Error("no chunk");
    await backend.store.delete(second as Parameters<Backend["store"]["delete"]>[0]);
    const found = await reader.published<Bag<number>>("numbers");
    const error = await onReader(() => errorOf(() => found.map((n) => n + 1).compute()));
    expect(error).toMatchObject({
      code: "CHUNK_LOST",
      message: expect.stringContaining('published "numbers": its chunk 1 is gone') as unknown,
      fix: expect.stringContaining("publish it again") as unknown,
    });
    // What is there can be read.
    await onReader(async () => expect(await found.take(1)).toEqual([1]));
  });

  test("can be had again where it was made: published once more under its name", async () => {
    const bag = fromSequence([1, 2, 3], { partitions: 3 }).map((n) => n * 2);
    await publisher.publish("numbers", bag);
    for (const key of await chunksOf(backend)) {
      await backend.store.delete(key as Parameters<Backend["store"]["delete"]>[0]);
    }
    await publisher.publish("numbers", bag, { replace: true });
    const found = await reader.published<Bag<number>>("numbers");
    expect(await onReader(() => found.compute())).toEqual([2, 4, 6]);
  });
});
