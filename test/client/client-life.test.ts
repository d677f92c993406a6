import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { connect, currentClient, fireAndForget, perWorker, wait } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const open = (): ReturnType<typeof connect> =>
  connect({ processes: 2, store: folder.path, progress: "none" });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("fireAndForget", () => {
  test("runs calls to their ends before the client is closed", async () => {
    const log = path.join(folder.path, "log");
    writeFileSync(log, "");
    const client = await open();
    const write = async (n: number, _: number, file: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      appendFileSync(file, `${n} `);
    };
    fireAndForget(client.map(write, [1, 2, 3], { broadcast: log }));
    await client.close();
    expect(readFileSync(log, "utf8").trim().split(" ").sort()).toEqual(["1", "2", "3"]);
  });

  test("tells errors that nobody would see, and waits for no cancelled call", async () => {
    const client = await open();
    const errors: unknown[] = [];
    const onError = (error: unknown): number => errors.push(error);
    fireAndForget(
      client.submit(() => {
        throw new RangeError("no");
      }),
      { onError },
    );
    const hang = client.submit(
      () => new Promise<number>((resolve) => setTimeout(resolve, 60_000, 1)),
    );
    const after = client.submit((n: number) => n, hang);
    fireAndForget(after, { onError });
    after.cancel();
    await client.close();
    expect(errors).toMatchObject([{ cause: { message: "no" } }]);
    expect(() => fireAndForget(5 as never)).toThrow(/fireAndForget/);
    expect(() => fireAndForget([], { onError: 5 as never })).toThrow(/fireAndForget: onError/);
  });
});

test("a restarted client has cancelled what ran, has new workers, and keeps its results", async () => {
  await using client = await open();
  const pid = perWorker(() => process.pid);
  const pids = async (salt: number): Promise<Set<number>> =>
    new Set(
      await client.gather(
        client.map(
          async (n: number) => {
            await new Promise((resolve) => setTimeout(resolve, 30));
            return n < 0 ? 0 : pid();
          },
          [salt, salt + 1],
        ),
      ),
    );
  const before = await pids(0);
  const kept = client.submit((n: number) => n * 2, 21);
  await kept.result();
  const hang = client.submit(
    () => new Promise<number>((resolve) => setTimeout(resolve, 60_000, 1)),
  );
  while (client.info().workers.busy === 0) await sleep(5);
  const startedMs = performance.now();
  await client.restart();
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect(hang.status).toBe("cancelled");
  const after = await pids(10);
  expect([...after].filter((id) => before.has(id))).toEqual([]);
  expect(await kept.result()).toBe(42);
});

test("info tells workers, limits and what runs", async () => {
  await using client = await open();
  const text = readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  expect(client.info()).toMatchObject({
    backend: "local",
    versions: { lambdask: version, node: process.version, protocol: 1 },
    workers: { slots: 2, busy: 0 },
    requests: {},
    activeRuns: 0,
  });
  const hang = client.submit(() => new Promise<number>((resolve) => setTimeout(resolve, 300, 1)));
  expect(client.info().activeRuns).toBe(1);
  while (client.info().workers.busy === 0) await sleep(5);
  await wait([hang]);
  client.scale(1);
  expect(client.info()).toMatchObject({ workers: { slots: 1, busy: 0 }, activeRuns: 0 });
});

test("currentClient is the newest that is open, and none in tasks", async () => {
  const before = currentClient();
  const one = await open();
  const two = await open();
  expect(currentClient()).toBe(two);
  await two.close();
  expect(currentClient()).toBe(one);
  const error = await errorOf(() => one.submit(() => currentClient() === undefined).result());
  expect(error).toMatchObject({ cause: { code: "LAZY_MISUSE" } });
  await one.close();
  expect(currentClient()).toBe(before);
});
