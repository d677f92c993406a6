import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { currentTask, delayed, type TaskError, wait } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("calls mapped over several lists", () => {
  test("take one of each, and the index last", async () => {
    const sums = client.current.map(
      (x: number, y: string, z: boolean, index) => [x, y, z, index],
      [1, 2],
      new Set(["a", "b"]),
      [true, false],
    );
    expect(await client.current.gather(sums)).toEqual([
      [1, "a", true, 0],
      [2, "b", false, 1],
    ]);
  });

  test("may have futures among the items", async () => {
    const [one, two] = client.current.map((n: number) => n, [1, 2]);
    const sums = client.current.map(
      (x: number, y: number) => x * 10 + y,
      [one ?? 0, 5],
      [7, two ?? 0],
    );
    expect(await client.current.gather(sums)).toEqual([17, 52]);
  });

  test("of different lengths are refused with the lengths", () => {
    const add = (x: number, y: number): number => x + y;
    expect(() => client.current.map(add, [1, 2, 3], [1])).toThrow(/the lists have 3, 1 items/);
    expect(() => client.current.map(add, [1], 5 as never)).toThrow(/client\.map: list 2/);
    expect(() => client.current.map(add as never, undefined as never)).toThrow(
      /client\.map: items/,
    );
  });

  test("of nothing are none", () => {
    expect(client.current.map((x: number) => x, [])).toEqual([]);
    expect(client.current.map((x: number, y: number) => x + y, [], [])).toEqual([]);
  });
});

describe("what is broadcast", () => {
  test("is looked at once, not once per call, when it is large", () => {
    const table = new Uint8Array(2 ** 24).fill(1);
    const submitMs = (calls: number): number => {
      const before = process.cpuUsage();
      const read = (at: number, _: number, rows: Uint8Array): unknown => rows[at];
      for (const future of client.current.map(read, numbers(calls), { broadcast: table })) {
        future.release();
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    submitMs(1);
    const oneMs = submitMs(1);
    // It takes tens of milliseconds to write it down and to name it.
    expect(submitMs(200)).toBeLessThan(20 * oneMs);
  });

  test("is the last argument of every call: data, futures, and what holds futures", async () => {
    const add = (n: number, index: number, by: number): number => n + index + by;
    const future = client.current.submit(() => 100);
    for (const broadcast of [100, future]) {
      const sums = client.current.map(add, [1, 2], { broadcast });
      expect(await client.current.gather(sums)).toEqual([101, 103]);
    }
    const inside = client.current.map(
      (n: number, _, { rows }: { readonly rows: readonly number[] }) => rows[n],
      [1, 0],
      { broadcast: { rows: [future, 7] } },
    );
    expect(await client.current.gather(inside)).toEqual([7, 100]);
    const both = client.current.map(
      (x: number, y: number, _, by: number) => (x + y) * by,
      [1],
      [2],
      { broadcast: 3 },
    );
    expect(await client.current.gather(both)).toEqual([9]);
  });

  test("is what it was when the calls were written", async () => {
    const table = [1, 2, 3];
    const reads = client.current.map((at: number, _, rows: number[]) => rows[at], [0, 2], {
      broadcast: table,
    });
    table.fill(0);
    expect(await client.current.gather(reads)).toEqual([1, 3]);
  });
});

describe("options of map", () => {
  test("batchSize begins calls in groups, whose indexes go on", async () => {
    const items = numbers(10).map((n) => n * n);
    for (const batchSize of [1, 3, 10, 100]) {
      const futures = client.current.map((n: number, index) => n + index, items, { batchSize });
      expect(await client.current.gather(futures)).toEqual(items.map((n, i) => n + i));
    }
  });

  test("name is what errors and tasks call the calls", async () => {
    const [future] = client.current.map(() => currentTask()?.name, [1], { name: "ask" });
    expect(await future?.result()).toBe("ask");
    const [bad] = client.current.map(
      (): number => {
        throw new Error("no");
      },
      [1],
      { name: "try" },
    );
    const error: unknown = await bad?.exception();
    expect((error as TaskError).message).toMatch(/^task "try" #0 failed: Error: no/);
  });

  test("retries n mean n + 1 attempts of each call, and each may have its own", async () => {
    const log = path.join(folder.path, "attempts.txt");
    const attempts = (): number[] => {
      const lines = readFileSync(log, "utf8").trim().split("\n");
      return numbers(3).map((item) => lines.filter((line) => line === String(item)).length);
    };
    const fail = (item: number, _: number, file: string): number => {
      appendFileSync(file, `${item}\n`);
      throw new RangeError(`item ${item}, attempt ${currentTask()?.attempt}`);
    };
    const all = client.current.map(fail, numbers(3), { retries: 2, broadcast: log });
    await wait(all);
    expect(attempts()).toEqual([3, 3, 3]);
    const own = client.current.map(fail, numbers(3), {
      retries: [0, 4, 1],
      broadcast: log,
      pure: false,
    });
    await wait(own);
    expect(attempts()).toEqual([3 + 1, 3 + 5, 3 + 2]);
    expect(await Promise.all(own.map((future) => future.exception()))).toMatchObject([
      { cause: { message: "item 0, attempt 1" }, task: { attempts: 1 } },
      { cause: { message: "item 1, attempt 5" }, task: { attempts: 5 } },
      { cause: { message: "item 2, attempt 2" }, task: { attempts: 2 } },
    ]);
  });

  test("win over those of a delayed function", async () => {
    const named = delayed(() => currentTask()?.name, { name: "inner" });
    const [future] = client.current.map(named as unknown as () => string, ["other"], {
      name: "outer",
    });
    expect(await future?.result()).toBe("outer");
  });

  test("that are wrong are refused by name", () => {
    const inc = (n: number): number => n + 1;
    const map = (options: object) => () => client.current.map(inc, [1, 2], options);
    expect(map({ batchSize: 0 })).toThrow(/client\.map: batchSize/);
    expect(map({ name: "" })).toThrow(/client\.map: name/);
    expect(map({ retries: [1] })).toThrow(
      /client\.map: retries: expected a number for each of 2 calls/,
    );
    expect(map({ retries: [1, -1] })).toThrow(/client\.map: call 1: retries/);
    expect(map({ retry: 1 })).toThrow(/client\.map: unknown option "retry"/);
    expect(map({ broadcast: () => 1 })).not.toThrow();
    expect(map({ broadcast: Symbol("s") })).toThrow(/client\.map: broadcast/);
  });
});
