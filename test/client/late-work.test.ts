import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { compute, connect, delayed, logEvent } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const chunkBytes = 100_000;

/** Files of a store, by the folder they lie in: `runs` or `tmp`. */
function filesIn(store: string): { readonly records: number; readonly chunks: number } {
  const names = readdirSync(store, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) =>
    statSync(path.join(store, name), { throwIfNoEntry: false })?.isFile(),
  );
  return {
    records: files.filter((name) => name.endsWith("record")).length,
    chunks: files.filter((name) => name.startsWith("tmp")).length,
  };
}

/** Looks again and again until `condition` holds: the test's own limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Work of four stored chunks that fails while one of its tasks waits for a file. */
function failingWork(name: string, thrown: "the user's" | "the store's") {
  const store = path.join(folder.path, name);
  const [started, go] = [path.join(folder.path, `${name}-started`), `${store}-go`];
  const chunk = delayed((i: number, bytes: number) => String(i).padEnd(bytes));
  const late = delayed(async (bytes: number) => {
    writeFileSync(started, "");
    while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 5));
    return "late".padEnd(bytes);
  });
  const fails = delayed(async (how: string, _chunks: readonly string[]) => {
    while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 5));
    if (how === "the user's") throw new RangeError("no");
    // As a store that is full says it.
    const marker = Symbol.for("lambdask.error");
    throw Object.assign(new Error("full"), { code: "STORE", data: {}, [marker]: true });
  });
  const sum = delayed((...values: readonly string[]) => values.length);
  const chunks = [1, 2, 3, 4].map((i) => chunk(i, chunkBytes));
  return { store, go, work: sum(late(chunkBytes), fails(thrown, chunks)) };
}

test("the record of a failed run stays while a task of it still runs, and goes with its chunks", async () => {
  const { store, go, work } = failingWork("failed", "the user's");
  await using _client = await connect({ processes: 2, progress: "none", store });
  expect(await errorOf(() => work.compute())).toMatchObject({ code: "TASK_FAILED" });
  expect(filesIn(store).records).toBe(1);
  writeFileSync(go, "");
  await until(() => filesIn(store).records === 0);
  expect(filesIn(store)).toEqual({ records: 0, chunks: 0 });
});

test("closing the client waits for such a task and leaves nothing", async () => {
  const { store, go, work } = failingWork("closed", "the user's");
  const client = await connect({ processes: 2, progress: "none", store });
  expect(await errorOf(() => work.compute())).toMatchObject({ code: "TASK_FAILED" });
  const closed = client.close();
  writeFileSync(go, "");
  await closed;
  expect(filesIn(store)).toEqual({ records: 0, chunks: 0 });
});

test("what a run has stored that the store has stopped stays for its resume, whatever still runs", async () => {
  const { store, go, work } = failingWork("left", "the store's");
  const client = await connect({ processes: 2, progress: "none", store });
  expect(await errorOf(() => work.compute())).toMatchObject({ code: "STORE" });
  writeFileSync(go, "");
  await client.close();
  // Those of the late task may be there too.
  expect(filesIn(store).chunks).toBeGreaterThanOrEqual(4);
  expect(filesIn(store).records).toBe(1);
});

test("calls that wait for what a task returned lazily run once if they are equal, and each if they have effects", async () => {
  await using client = await connect({ inline: true, progress: "none" });
  const one = delayed((n: number) => n + 1);
  const lazily = delayed((n: number) => one(n));
  const log = (what: string, n: number): number => {
    logEvent(what, n);
    return n;
  };
  const pure = delayed((n: number, _label: string) => log("pure", n));
  const withEffects = delayed((n: number) => log("effects", n), { pure: false });
  const double = delayed((n: number) => 2 * n);
  const [a, b] = await compute(
    [pure(lazily(1), "a"), pure(lazily(1), "a")],
    [double(withEffects(lazily(1))), double(withEffects(lazily(1)))],
  );
  expect([a, b]).toEqual([
    [2, 2],
    [4, 4],
  ]);
  expect(client.events("pure").length).toBe(1);
  expect(client.events("effects").length).toBe(2);
});
