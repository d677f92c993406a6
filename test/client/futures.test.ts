import { describe, expect, test } from "vitest";
import {
  asCompleted,
  connect,
  delayed,
  type Future,
  isLambdaskError,
  type TaskError,
  wait,
} from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ processes: 2 });
const inc = (x: number): number => x + 1;

describe("futures", () => {
  test("of 10,000 calls give every result in order", async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    const futures = client.current.map(inc, numbers);
    expect(await client.current.gather(futures)).toEqual(numbers.map((n) => n + 1));
  });

  test("may be arguments, inside containers too", async () => {
    const one = client.current.submit(inc, 0);
    const two = client.current.submit(inc, one);
    const all = client.current.submit(
      (xs: readonly number[]) => xs.reduce((a, b) => a + b),
      [one, two, 10],
    );
    expect(await all.result()).toBe(13);
    expect(await delayed((x: number) => x * 2)(two).compute()).toBe(4);
  });

  test("see the index of their item, and take delayed functions", async () => {
    const indexes = client.current.map((_item: string, index: number) => index, ["a", "b", "a"]);
    expect(await client.current.gather(indexes)).toEqual([0, 1, 2]);
    const twice = delayed((x: number) => x * 2);
    expect(await client.current.submit(twice, 4).result()).toBe(8);
  });

  test("get their items as they are, whatever these are", async () => {
    const items = [
      ...[0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -0, 0.5, Number.NaN],
      ...["", "text".repeat(50), true, null, undefined, 7n, 2n ** 70n],
      ...[[1, [2]], { a: { b: "c" } }, new Map([["k", new Set([1])]]), new Date(5), /x/g],
      ...[new Uint8Array(10).fill(3), new Float64Array(5000).fill(1.5)],
    ];
    const futures = client.current.map((item: unknown, index) => ({ item, index }), items);
    expect(await client.current.gather(futures)).toEqual(
      items.map((item, index) => ({ item, index })),
    );
    // Beside a future it is another way, which must come to the same.
    const one = client.current.submit(() => "one");
    const mixed = client.current.map((item: unknown) => item, [...items.slice(0, 25), one]);
    expect(await client.current.gather(mixed)).toEqual([...items.slice(0, 25), "one"]);
  });

  test("of impure calls run each time; of pure ones they are one", async () => {
    const random = (_item: number): number => Math.random();
    const values = async (pure: boolean): Promise<number[]> =>
      client.current.gather([
        ...client.current.map(random, [1, 2], { pure }),
        ...client.current.map(random, [1, 2], { pure }),
      ]);
    expect(new Set(await values(false)).size).toBe(4);
    expect(new Set(await values(true)).size).toBe(2);
    const impure = delayed(random, { pure: false });
    const calls = [client.current.submit(impure, 1), client.current.submit(impure, 1)];
    expect(new Set(await client.current.gather(calls)).size).toBe(2);
  });

  test("tell their status, are no promises, and share equal work", async () => {
    const future = client.current.submit(() => Math.random());
    expect("then" in future).toBe(false);
    expect(await future.result()).toBe(await future.result());
    expect(future.status).toBe("finished");
    expect(await future.exception()).toBeUndefined();
  });

  test("that fail say so to whom asks, and end no process", async () => {
    const future = client.current.submit(() => {
      throw new RangeError("too far");
    });
    const error = await future.exception();
    expect((error as TaskError).cause).toBeInstanceOf(RangeError);
    expect(future.status).toBe("error");
    const dependent = client.current.submit((x: unknown) => x, future);
    const failure = await errorOf(() => dependent.result());
    expect((failure as TaskError).cause).toMatchObject({ message: "too far" });
  });

  test("of a function without a name are called by its place when they fail", async () => {
    const [future] = client.current.map((): number => {
      throw new Error("no");
    }, [1]);
    const error = (await future?.exception()) as TaskError;
    expect(error.message).toMatch(/^task "function at futures\.test\.ts:\d+" #0 failed: Error: no/);
  });

  test("of equal submitted calls are one call, those of one map are not", async () => {
    const random = (): number => Math.random();
    const [one, two] = [client.current.submit(random), client.current.submit(random)];
    expect(await one.result()).toBe(await two.result());
    const values = await client.current.gather(client.current.map(random, [1, 1, 1]));
    expect(new Set(values).size).toBe(3);
  });

  test("of equal calls share a failure while they run; a call that is submitted after it runs again", async () => {
    const fails = (): never => {
      throw new Error(`no ${Math.random()}`);
    };
    const causeOf = async (future: Future<never>): Promise<unknown> =>
      ((await future.exception()) as TaskError).cause;
    const [one, two] = [client.current.submit(fails), client.current.submit(fails)];
    const { message } = (await causeOf(one)) as Error;
    expect(await causeOf(two)).toMatchObject({ message });
    const later = client.current.submit(fails);
    expect(await causeOf(later)).not.toMatchObject({ message });
    expect(await causeOf(one)).toMatchObject({ message });
  });

  test("that fail and are never asked end no process", async () => {
    const futures = client.current.map(
      (n: number): number => {
        throw new Error(`nobody asks ${n}`);
      },
      [1, 2, 3],
    );
    const { done } = await wait(futures);
    expect(done.map((future) => future.status)).toEqual(["error", "error", "error"]);
  });

  test("carry scattered data", async () => {
    const table = client.current.scatter(new Float64Array(100_000).fill(2));
    const sums = client.current.map((k: number) => k, [1, 2, 3]);
    const totals = await client.current.gather(
      [0, 1, 2].map((i) =>
        client.current.submit(
          (values: Float64Array, k: number) => (values[9] ?? 0) + k,
          table,
          sums[i] ?? 0,
        ),
      ),
    );
    expect(totals).toEqual([3, 4, 5]);
  });

  test("that return delayed work resolve to its value", async () => {
    const add = delayed((a: number, b: number) => a + b);
    const future = client.current.submit((n: number) => add(n, 1), 4);
    expect(await future.result()).toBe(5);
  });

  test("come as they are completed, with more added in the loop", async () => {
    const done = asCompleted(client.current.map((x: number) => x * 2, [1, 2, 3]));
    const seen = new Set<number>();
    for await (const future of done) {
      const value = await future.result();
      seen.add(value);
      if (value === 2) done.add(client.current.submit((x: number) => x * 100, value));
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([2, 4, 6, 200]);
    expect(done.remaining).toBe(0);
  });

  test("are waited for, all or the first", async () => {
    const futures = client.current.map(inc, [10, 20]);
    const { done } = await wait(futures, { until: "first" });
    expect(done.length).toBeGreaterThan(0);
    expect((await wait(futures)).pending).toEqual([]);
    expect(await wait([])).toEqual({ done: [], pending: [] });
    const wrong = { timeout: 10 } as object;
    await expect(wait(futures, wrong)).rejects.toThrow('wait: unknown option "timeout"');
  });

  test("that are cancelled before they begin reject", async () => {
    const first = client.current.submit(() => new Promise(() => undefined));
    const second = client.current.submit((x: unknown) => x, first);
    client.current.cancel([second, first]);
    expect(isLambdaskError(await errorOf(() => second.result()), "CANCELLED")).toBe(true);
    expect(second.status).toBe("cancelled");
  });
});

describe("a client", () => {
  test("refuses wrong and unknown options by name", async () => {
    await expect(connect({ procesess: 2 } as object)).rejects.toThrow(
      /"procesess"[\s\S]*"processes"/,
    );
    await expect(connect({ processes: 0 })).rejects.toThrow(/processes/);
    await expect(connect({ memory: "1 MiB" })).rejects.toThrow(/memory/);
    await expect(connect({ progress: "loud" as never })).rejects.toThrow(/connect: progress/);
    await expect(connect({ backend: {} as never })).rejects.toThrow(/connect: backend/);
    expect(() => client.current.scale({ min: 3, max: 1 })).toThrow(/client\.scale/);
    expect(() => client.current.map(inc, 5 as never)).toThrow(/client\.map: items/);
    expect(() => client.current.submit(5 as never)).toThrow(/client\.submit/);
    expect(() => client.current.gather([(() => 5) as never])).toThrow(/gather: item 0/);
  });
});
