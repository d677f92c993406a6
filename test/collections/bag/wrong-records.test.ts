import path from "node:path";
import { expect, test } from "vitest";
import { type Bag, fromSequence } from "../../../src/bag.ts";
import { TaskError } from "../../../src/index.ts";
import { errorOf, sharedClient, temporaryFolder } from "../../client/support.ts";

sharedClient({ inline: true });
const folder = temporaryFolder();

/** 3000 records in two partitions; the one at `wrongAt` is wrong. */
function bagWith<T>(right: T, wrong: unknown, wrongAt: number): Bag<T> {
  const records = Array.from({ length: 3000 }, (_, i) => (i === wrongAt ? wrong : right));
  return fromSequence(records as T[], { partitions: 2 });
}

async function taskErrorOf(run: () => unknown): Promise<TaskError> {
  const error = await errorOf(run);
  if (error instanceof TaskError) return error;
  throw error;
}

test("flatten names the record that cannot be flattened, its partition and the cure", async () => {
  const error = await taskErrorOf(() => bagWith([1, 2], 7, 2900).flatten().compute());
  expect(error).toMatchObject({
    code: "BAD_ARGUMENT",
    fix: expect.stringContaining("lists") as unknown,
  });
  expect(error.message).toContain(
    "bag.flatten: record 1400 of partition 1: expected something to iterate over, got 7",
  );
});

test("so it does in the middle of a chain", async () => {
  const bag = bagWith<string | null>("a b", null, 10)
    .map((text) => (text === null ? 0 : text.split(" ")) as string[])
    .flatten()
    .filter((word) => word !== "");
  const { message } = await taskErrorOf(() => bag.compute());
  expect(message).toContain("record 10 of partition 0: expected something to iterate over, got 0");
});

test("unzip names the record that has no such item, and takes those that are undefined", async () => {
  const [, numbers] = bagWith(["a", undefined], ["b"], 2900).unzip(2);
  const error = await taskErrorOf(() => numbers?.compute());
  expect(error).toMatchObject({
    code: "BAD_ARGUMENT",
    fix: expect.stringContaining("filter") as unknown,
  });
  expect(error.message).toContain(
    "bag.unzip: record 1400 of partition 1: expected a list of at least 2 items, got an array of 1",
  );
  const [, second] = fromSequence<[string, number | undefined]>([
    ["a", undefined],
    ["b", 1],
  ]).unzip(2);
  expect(await second.compute()).toEqual([undefined, 1]);
});

test("writeText names the record that is no text", async () => {
  const pattern = path.join(folder.path, "*.txt");
  const error = await taskErrorOf(() => bagWith("line", { a: 1 }, 1499).writeText(pattern));
  expect(error).toMatchObject({ code: "BAD_ARGUMENT", fix: "map the records to text before" });
  expect(error.message).toContain(
    "bag.writeText: record 1499 of partition 0: expected text, got an object",
  );
});

test("a record that is no data is told by its position in the partition, and the path in it", async () => {
  const bag = bagWith<unknown>(1, 2, 2999).map((n) => (n === 2 ? { a: [0, () => 1] } : n));
  const error = await taskErrorOf(() => bag.compute());
  expect(error).toMatchObject({ code: "NOT_DATA", task: { index: 1 } });
  expect(error.message).toContain("not plain data: records[1499].a[1]: a function");
});

test("a key that is no data is told as a key", async () => {
  class Point {}
  const error = await taskErrorOf(() =>
    fromSequence([1, 2])
      .groupBy((n) => (n === 2 ? { at: new Point() } : n))
      .compute(),
  );
  expect(error).toMatchObject({
    code: "NOT_DATA",
    fix: expect.stringContaining("keys") as unknown,
  });
  expect(error.message).toContain("a key is not plain data: key.at: an instance of Point");
});

test("records of a partition that are read a second time are an error, not nothing", async () => {
  const bag = fromSequence([1, 2, 3], { partitions: 1 });
  const twice = bag.mapPartitions(async (records) => {
    const count = (await records.toArray()).length;
    return (await records.toArray()).map((n) => n / count);
  });
  expect(await taskErrorOf(() => twice.compute())).toMatchObject({
    code: "BAD_ARGUMENT",
    message: expect.stringContaining("read a second time") as unknown,
    fix: expect.stringContaining("records.toArray()") as unknown,
  });
  const loops = bag.reduction(
    async (records) => {
      const batches = records.batches();
      let count = 0;
      for await (const batch of batches) count += batch.length;
      for await (const record of records) count += record;
      return count;
    },
    (counts) => counts.reduce((a, b) => a + b),
  );
  expect((await taskErrorOf(() => loops.compute())).message).toContain("read a second time");
});

test("a key that is nested deeper than keys may be is told so, and a cycle as one", async () => {
  const deep = (levels: number): unknown =>
    Array.from({ length: levels }).reduce((inner: unknown) => [inner], 1);
  const counts = await fromSequence([deep(900), deep(900)])
    .frequencies()
    .compute();
  expect(counts.map(([, count]) => count)).toEqual([2]);
  const keyed = fromSequence([1]).groupBy(() =>
    Array.from({ length: 1500 }).reduce((inner: unknown) => [inner], 1),
  );
  const { message, code } = await taskErrorOf(() => keyed.compute());
  expect(code).toBe("NOT_DATA");
  expect(message).toContain("a key is nested more than 1,000 levels deep");
  const cyclic = fromSequence([1]).groupBy(() => {
    const key: unknown[] = [];
    key.push(key);
    return key;
  });
  expect((await taskErrorOf(() => cyclic.compute())).message).toContain("key[0]: a cycle");
});
