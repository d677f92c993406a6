import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type Future, type TaskError, wait } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
let files = 0;
let log = "";

beforeEach(() => {
  log = path.join(folder.path, `${files++}`);
  writeFileSync(log, "");
});

interface Item {
  readonly name: string;
  readonly log: string;
}

/** Notes each run; fails until there is a file called like the item. */
function needsFile({ name, log: file }: Item): string {
  appendFileSync(file, `${name} `);
  if (!existsSync(`${file}-${name}`)) throw new Error(`no ${name}`);
  return name;
}

const allow = (name: string): void => writeFileSync(`${log}-${name}`, "");
const runs = (): string[] => readFileSync(log, "utf8").trim().split(" ");
const items = (...names: string[]): Item[] => names.map((name) => ({ name, log }));
const join = (a: string, b: string): string => `${a}+${b}`;

function only<T>(futures: readonly Future<T>[]): Future<T> {
  const [future] = futures;
  if (future === undefined) throw new Error("no future");
  return future;
}

describe("a future that has failed", () => {
  test("runs again, alone of its group, and waits meanwhile", async () => {
    const futures = client.current.map(needsFile, items("a", "b", "c"));
    await wait(futures);
    expect(runs()).toEqual(["a", "b", "c"]);
    allow("b");
    futures[1]?.retry();
    expect(futures.map(({ status }) => status)).toEqual(["error", "pending", "error"]);
    expect(await futures[1]?.result()).toBe("b");
    expect(runs()).toEqual(["a", "b", "c", "b"]);
    expect(futures.map(({ status }) => status)).toEqual(["error", "finished", "error"]);
    client.current.retry(futures);
    await wait(futures);
    expect(runs()).toEqual(["a", "b", "c", "b", "a", "c"]);
  });

  test("fails again with its new error, as often as it is tried", async () => {
    const future = only(client.current.map(needsFile, items("x")));
    for (let n = 1; n <= 3; n++) {
      const error = (await future.exception()) as TaskError;
      expect(error.cause).toMatchObject({ message: "no x" });
      expect(runs()).toHaveLength(n);
      future.retry();
    }
  });

  test("takes the failed calls that it needs with it, and no others", async () => {
    const [a, b, c] = client.current.map(needsFile, items("a", "b", "c")) as [
      Future<string>,
      Future<string>,
      Future<string>,
    ];
    const sum = client.current.submit(join, a, b);
    const last = client.current.submit(join, sum, "end");
    await wait([a, b, c, last]);
    const late = client.current.submit(join, last, "late");
    await late.ended();
    expect(late.status).toBe("error");
    for (const name of ["a", "b", "c"]) allow(name);
    late.retry();
    expect(await late.result()).toBe("a+b+end+late");
    expect([a, b, c, sum, last].map(({ status }) => status)).toEqual([
      "finished",
      "finished",
      "error",
      "finished",
      "finished",
    ]);
    expect(runs().sort()).toEqual(["a", "a", "b", "b", "c"]);
  });

  test("is usable for new calls once it has a value", async () => {
    const a = only(client.current.map(needsFile, items("a")));
    const before = client.current.submit(join, a, "before");
    await before.ended();
    const failedLate = client.current.submit(join, a, "late");
    await failedLate.ended();
    allow("a");
    a.retry();
    expect(await client.current.submit(join, a, "after").result()).toBe("a+after");
    // What failed with it keeps its error until it is tried itself.
    expect([before.status, failedLate.status]).toEqual(["error", "error"]);
    client.current.retry([before, failedLate]);
    expect(await client.current.gather([before, failedLate])).toEqual(["a+before", "a+late"]);
    expect(runs()).toEqual(["a", "a"]);
  });
});

test("a future that was cancelled runs when it is tried", async () => {
  const futures = client.current.map(needsFile, items("a", "b"));
  allow("a");
  client.current.cancel(futures);
  await wait(futures);
  expect(futures.map(({ cancelled, done }) => [cancelled, done])).toEqual([
    [true, true],
    [true, true],
  ]);
  futures[0]?.retry();
  expect(futures[0]?.cancelled).toBe(false);
  expect(await futures[0]?.result()).toBe("a");
});

test("futures that have values or run are left as they are", async () => {
  allow("a");
  const future = only(client.current.map(needsFile, items("a")));
  future.retry();
  await future.result();
  future.retry();
  expect(future.status).toBe("finished");
  expect(runs()).toEqual(["a"]);
});

test("a retried future can be cancelled, and released while it runs", async () => {
  const futures = client.current.map(needsFile, items("a", "b"));
  await wait(futures);
  client.current.retry(futures);
  client.current.cancel(futures);
  await wait(futures);
  expect(futures.map(({ status }) => status)).not.toContain("pending");
  client.current.retry(futures);
  for (const future of futures) future.release();
  await wait(futures);
  expect(await client.current.submit(() => "alive").result()).toBe("alive");
});

test("the last of a long chain takes the first with it", async () => {
  const first = only(client.current.map(needsFile, items("a")));
  let last: Future<string | number> = first;
  for (let i = 0; i < 3_000; i++) {
    last = client.current.submit(
      (before: string | number) => (before === "a" ? 1 : Number(before) + 1),
      last,
    );
  }
  await last.ended();
  expect(last.status).toBe("error");
  allow("a");
  last.retry();
  expect(await last.result()).toBe(3_000);
  expect(runs()).toEqual(["a", "a"]);
}, 120_000);

describe("a future that is cancelled and retried at once", () => {
  const name = (n: number): string => `call ${n}`;

  test("runs, although its end was still on its way", async () => {
    const future = client.current.submit(name, 1);
    const asked = future.result();
    future.cancel();
    future.retry();
    expect(await future.result()).toBe("call 1");
    expect(await asked).toBe("call 1");
  });

  test("stays cancelled if it is cancelled after that", async () => {
    const future = client.current.submit(name, 2);
    future.cancel();
    future.retry();
    future.cancel();
    await future.ended();
    expect(future.status).toBe("cancelled");
  });

  test("is retried by whoever hears of its end, and others who wait get the value", async () => {
    const future = client.current.submit(name, 3);
    future.cancel();
    let ends = 0;
    future.whenEnded(() => ends++ === 0 && future.retry());
    expect(await future.exception()).toBeUndefined();
    expect(await future.result()).toBe("call 3");
  });
});

test("the error of a cancelled call says how to run it again, and no word of resuming", async () => {
  const future = client.current.submit((n: number) => n, 4);
  future.cancel();
  expect(await future.exception()).toMatchObject({
    code: "CANCELLED",
    message: expect.stringContaining("the call was cancelled before it had a value") as unknown,
    fix: expect.stringContaining("future.retry()") as unknown,
  });
});

test("the error of a call whose future was released says that", async () => {
  const future = client.current.submit((n: number) => n, 5);
  future.release();
  expect(await future.exception()).toMatchObject({
    code: "CANCELLED",
    message: expect.stringContaining(
      "the future was released before its call had ended",
    ) as unknown,
  });
});
