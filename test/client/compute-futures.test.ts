import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { delayed, wait } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();

test("client.compute begins collections, what they share once, and gives a future of each", async () => {
  const log = path.join(folder.path, "log");
  writeFileSync(log, "");
  const load = delayed((file: string) => {
    appendFileSync(file, "load ");
    return [3, 1, 2];
  });
  const rows = load(log);
  const sum = delayed((list: number[]) => list.reduce((a, b) => a + b))(rows);
  const bag = fromSequence([1, 2, 3, 4, 5], { partitions: 3 }).map((n) => n * n);
  const [listed, total, squares, count] = client.current.compute(rows, sum, bag, bag.frequencies());
  expect([listed.status, total.status]).toEqual(["pending", "pending"]);
  expect(await client.current.gather([listed, total, squares])).toEqual([
    [3, 1, 2],
    6,
    [1, 4, 9, 16, 25],
  ]);
  expect((await count.result()).length).toBe(5);
  expect(readFileSync(log, "utf8")).toBe("load ");
  // They are futures as any others: arguments of calls, and cancelled.
  const next = client.current.submit(
    (list: number[], n: number) => list.length + n,
    squares,
    total,
  );
  expect(await next.result()).toBe(11);
  const [late] = client.current.compute(delayed(() => 1)());
  late.cancel();
  await wait([late]);
  expect(late.cancelled).toBe(true);
});

test("client.compute tells errors by the future, and refuses what is no collection", async () => {
  const bad = delayed((): number => {
    throw new RangeError("no");
  });
  const [good, failing] = client.current.compute(delayed(() => 5)(), bad());
  expect(await failing.exception()).toMatchObject({ cause: { message: "no" } });
  expect(await good.result()).toBe(5);
  expect(client.current.compute()).toEqual([]);
  expect(() => client.current.compute(5 as never)).toThrow(
    /client\.compute: collection 1: expected a delayed/,
  );
});
