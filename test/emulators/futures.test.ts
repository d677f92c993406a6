import { describe, expect, test } from "vitest";
import {
  annotate,
  asCompleted,
  connect,
  currentTask,
  type Future,
  fireAndForget,
  logEvent,
  span,
  wait,
} from "../../src/index.ts";
import { cloudClient, openCloud } from "./cloud.ts";

const client = cloudClient();
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Fails for every third number. */
function noThirds(n: number): number {
  if (n % 3 === 2) throw new RangeError(`a third: ${n}`);
  return n * 10;
}

describe("futures on Lambda", () => {
  test("of several lists take one of each, what is broadcast, and attempts of their own", async () => {
    const table = client.current.scatter(Float64Array.from({ length: 50_000 }, (_, i) => i / 2));
    const found = client.current.map(
      (at: number, by: number, index: number, rows: Float64Array) => [index, (rows[at] ?? 0) * by],
      [1, 49_999],
      [10, 2],
      { broadcast: table },
    );
    expect(await client.current.gather(found)).toEqual([
      [0, 5],
      [1, 49_999],
    ]);
    const flaky = (n: number): number | undefined => {
      const attempt = currentTask()?.attempt ?? 0;
      if (attempt <= n) throw new Error(`attempt ${attempt} of ${n + 1}`);
      return attempt;
    };
    const retried = client.current.map(flaky, [0, 1, 2], { retries: [0, 1, 2], name: "flaky" });
    expect(await client.current.gather(retried)).toEqual([1, 2, 3]);
  });

  test("are gathered in containers, without those that failed if so asked", async () => {
    const [zero, one, two] = client.current.map(noThirds, numbers(3)) as [
      Future<number>,
      Future<number>,
      Future<number>,
    ];
    const nested = { list: [zero, two], map: new Map([["one", one]]) };
    await expect(client.current.gather(nested)).rejects.toThrow(/a third: 2/);
    expect(await client.current.gather(nested, { errors: "skip" })).toEqual({
      list: [0],
      map: new Map([["one", 10]]),
    });
  });

  test("of calls that are submitted in a loop share invocations, and each fares by itself", async () => {
    const { current } = client;
    const invokedBefore = current.info().requests["lambda:Invoke"] ?? 0;
    const count = 300;
    const futures = numbers(count).map((n) =>
      n % 2 === 0
        ? current.submit(noThirds, n)
        : annotate({ retries: 1, priority: 1 }, () => current.submit(noThirds, n)),
    );
    const next = current.submit((a: number, b: number) => a + b, futures[0] ?? 0, futures[3] ?? 0);
    futures[4]?.cancel();
    futures[6]?.release();
    await Promise.all([next, ...futures].map((future) => future.ended()));
    expect(await next.result()).toBe(30);
    for (const [n, future] of futures.entries()) {
      if (n === 6) continue;
      const expected = n === 4 ? "cancelled" : n % 3 === 2 ? "error" : "finished";
      expect([n, future.status]).toEqual([n, expected]);
      if (expected === "finished") expect(await future.result()).toBe(n * 10);
      if (expected === "error") {
        expect(await future.exception()).toMatchObject({ task: { attempts: 1 + (n % 2) } });
      }
    }
    futures[4]?.retry();
    expect(await futures[4]?.result()).toBe(40);
    const invoked = (current.info().requests["lambda:Invoke"] ?? 0) - invokedBefore;
    expect(invoked).toBeGreaterThan(0);
    expect(invoked).toBeLessThan(count / 2);
  });

  test("come as they are done, values and errors, 1,000 of them", async () => {
    const futures = client.current.map(noThirds, numbers(1000));
    const values: number[] = [];
    let errors = 0;
    for await (const each of asCompleted(futures, { withResults: true })) {
      if (each.status === "finished") values.push(each.value);
      else errors += 1;
    }
    expect(errors).toBe(333); // 2, 5, …, 998.
    const wanted = numbers(1000).filter((n) => n % 3 !== 2);
    expect(values.sort((a, b) => a - b)).toEqual(wanted.map((n) => n * 10));
  });

  test("scattered one by one are what was given, and the large are stored once", async () => {
    const large = new Uint8Array(2 ** 20 + 1).fill(7);
    const { a, b, small } = client.current.scatterAll({ a: large, b: large.slice(), small: "s" });
    expect(a.key).toBe(b.key);
    const [length, text] = await client.current.gather([
      client.current.submit((x: Uint8Array, y: Uint8Array) => x.length + y.length, a, b),
      client.current.submit((value: string) => value, small),
    ]);
    expect([length, text]).toEqual([2 * (2 ** 20 + 1), "s"]);
    expect(await a.result()).toEqual(large);
  });

  test("scattered for all functions to keep are what was given, in every call", async () => {
    const table = Float64Array.from({ length: 100_000 }, (_, i) => i / 4);
    const rows = client.current.scatter(table, { broadcast: true });
    const found = client.current.map(
      (at: number, _: number, values: Float64Array) => values[at * 4],
      numbers(40),
      { broadcast: rows },
    );
    expect(await client.current.gather(found)).toEqual(numbers(40));
    // The data itself as the value of all calls: what it is stored as is the same to them.
    const ends = client.current.map(
      (at: number, _: number, values: Float64Array) => values[values.length - at],
      [1, 5],
      { broadcast: table },
    );
    expect(await client.current.gather(ends)).toEqual([99_999 / 4, 99_995 / 4]);
  });

  test("that failed or were cancelled run again with what they need", async () => {
    const once = (key: string): number => {
      if ((currentTask()?.attempt ?? 0) < 1 || key === "never") throw new Error("not yet");
      return 1;
    };
    const first = client.current.submit(once, "ever");
    const second = client.current.submit((n: number) => n + 1, first);
    client.current.cancel([first, second]);
    await wait([first, second]);
    // It may have begun before it was cancelled.
    if (second.status === "cancelled") second.retry();
    expect(await second.result()).toBe(2);
    expect(await first.result()).toBe(1);
    const bad = client.current.submit(once, "never");
    await bad.ended();
    bad.retry();
    expect(await bad.exception()).toMatchObject({ cause: { message: "not yet" } });
  });

  test("send events with their replies, are named by their span, and tell what runs", async () => {
    const seen: unknown[] = [];
    using subscription = client.current.subscribe("cloud", ({ data, task }) =>
      seen.push([data, task?.name]),
    );
    const logged = span("load", () =>
      client.current.map((n: number) => logEvent("cloud", { n }), [4], { name: "log" }),
    );
    expect(client.current.info()).toMatchObject({ backend: "aws", activeRuns: 1 });
    await client.current.gather(logged);
    await Promise.resolve();
    expect(seen).toEqual([[{ n: 4 }, "load: log"]]);
    subscription.unsubscribe();
  });

  test("released while they run, or forgotten, hinder nothing", async () => {
    const slow = client.current.map(
      (n: number) => new Promise((resolve) => setTimeout(resolve, 50, n)),
      numbers(4),
    );
    for (const future of slow) future.release();
    fireAndForget(client.current.submit((n: number) => n, 1));
    expect(await client.current.submit((n: number) => n + 1, 1).result()).toBe(2);
  });
});

test("a client on Lambda that is restarted has cancelled its work, and waits for none of it", async () => {
  const hang = client.current.submit(
    () => new Promise<number>((resolve) => setTimeout(resolve, 5_000, 1)),
  );
  const startedMs = performance.now();
  await client.current.restart();
  expect(performance.now() - startedMs).toBeLessThan(4_000);
  expect(hang.cancelled).toBe(true);
  expect(await client.current.submit((n: number) => n + 2, 1).result()).toBe(3);
});

describe("programs that share a bucket", () => {
  test("hold a lock one at a time, and change a variable without losing anything", async () => {
    await using cloud = await openCloud();
    await using one = await connect({ backend: cloud.backend(), progress: "none" });
    await using two = await connect({ backend: cloud.backend(), progress: "none" });
    const name = `shared-${Date.now()}`;
    const lease = await one.lock(name).acquire();
    expect(await two.lock(name).acquire({ timeoutMs: 1 })).toBeUndefined();
    await lease.release();
    const next = await two.lock(name).acquire();
    expect(next.token).toBeGreaterThan(lease.token);
    await next.release();
    const [here, there] = [one.variable<number>(name), two.variable<number>(name)];
    await Promise.all(
      numbers(10).map((i) => (i % 2 === 0 ? here : there).update((n = 0) => n + 1)),
    );
    expect(await here.get()).toBe(10);
    await there.delete();
    expect(await here.get()).toBeUndefined();
  });
});
