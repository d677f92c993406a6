import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { connect, delayed, wait } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

function filesIn(store: string): readonly string[] {
  if (!existsSync(store)) return [];
  const found = readdirSync(store, { recursive: true, withFileTypes: true });
  return found.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name));
}

test("a client that is closed leaves nothing of futures in the store, released or not", async () => {
  const store = path.join(folder.path, "store");
  const client = await connect({ processes: 2, progress: "none", store });
  const numbers = (n: number): Float64Array => new Float64Array(10_000).fill(n);
  const [held, given] = [client.map(numbers, [1, 2, 3]), client.scatter(numbers(4))];
  const [computed] = client.compute(delayed(numbers)(5));
  const sums = client.map((values: Float64Array) => values[7], [...held, given, computed]);
  expect(await client.gather(sums)).toEqual([1, 2, 3, 4, 5]);
  const failed = client.submit((): Float64Array => {
    throw new Error("once");
  });
  const cancelled = client.submit(numbers, 6);
  cancelled.cancel();
  cancelled.retry();
  await wait([failed, cancelled]);
  expect(filesIn(path.join(store, "tmp")).length).toBe(6);
  await client.close();
  expect(filesIn(store)).toEqual([]);
  // What is small needs no store, and of scattered data the program has a copy.
  expect(await sums[0]?.result()).toBe(1);
  expect((await given.result())[7]).toBe(4);
  for (const future of [...held, computed, cancelled]) {
    expect(future.status).toBe("finished");
    expect(await errorOf(() => future.result())).toMatchObject({ code: "CLOSED" });
    future.release();
  }
  expect(await errorOf(() => failed.result())).toMatchObject({ code: "TASK_FAILED" });
});

test("nor what their functions have captured", async () => {
  const store = path.join(folder.path, "captured");
  const client = await connect({ processes: 2, progress: "none", store });
  const large = new Float64Array(20_000).fill(2);
  const first = (n: number): number => n + (large[0] ?? 0);
  const held = client.submit(first, 1);
  const released = client.submit(first, 2);
  const behind = client.submit((n: number) => n + (large[1] ?? 0), released);
  expect(await client.gather([held, behind])).toEqual([3, 6]);
  released.release();
  expect(filesIn(path.join(store, "blob")).length).toBe(1);
  await client.close();
  expect(filesIn(store)).toEqual([]);
  expect([await held.result(), await behind.result()]).toEqual([3, 6]);
  held.release();
  behind.release();
  // Another client of the same data has it stored again.
  await using next = await connect({ processes: 2, progress: "none", store });
  expect(await next.submit(first, 1).result()).toBe(3);
});

test.each(["first to last", "last to first", "at the close"])(
  "a chain of futures leaves nothing in the store, released in one turn from %s",
  async (order) => {
    const store = path.join(folder.path, order);
    const client = await connect({ processes: 2, progress: "none", store });
    const one = client.submit(() => 1);
    const many = client.submit((n: number) => new Float64Array(10_000).fill(n), one);
    const more = client.submit((values: Float64Array) => values.map((n) => 2 * n), many);
    const last = client.submit((values: Float64Array) => values[9_999], more);
    expect(await last.result()).toBe(2);
    expect(filesIn(path.join(store, "tmp")).length).toBe(2);
    const chain = [one, many, more, last];
    if (order === "last to first") chain.reverse();
    if (order !== "at the close") for (const future of chain) future.release();
    await client.close();
    expect(filesIn(store)).toEqual([]);
  },
);

test.each(["at once", "a moment later", "by the close"])(
  "large data leaves nothing in the store though it is released %s, before it is written",
  async (when) => {
    const store = path.join(folder.path, `scattered ${when}`);
    const client = await connect({ processes: 1, progress: "none", store });
    const data = client.scatter(new Float64Array(10_000).fill(1));
    if (when === "a moment later") await Promise.resolve();
    if (when !== "by the close") data.release();
    await client.close();
    expect(filesIn(store)).toEqual([]);
  },
);
