import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { connect, type Future, isLambdaskError, type TaskError, wait } from "../../src/index.ts";
import { sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
const inc = (n: number): number => n + 1;
const add = (a: number, b: number): number => a + b;

test("a chain of 10,000 calls gives its sum", async () => {
  let last: Future<number> | number = 0;
  for (let i = 0; i < 10_000; i++) last = client.current.submit(inc, last);
  expect(await (last as Future<number>).result()).toBe(10_000);
}, 120_000);

test("diamonds run each call once, whoever asks for it", async () => {
  const log = path.join(folder.path, "diamond");
  writeFileSync(log, "");
  const note = (name: string, file: string, ...from: readonly number[]): number => {
    appendFileSync(file, `${name} `);
    return 1 + from.reduce((a, b) => a + b, 0);
  };
  const top = client.current.submit(note, "top", log);
  const left = client.current.submit(note, "left", log, top);
  const right = client.current.submit(note, "right", log, top);
  const bottom = client.current.submit(note, "bottom", log, left, right, top);
  // Equal calls once more, as if another part of the program made them.
  const again = client.current.submit(note, "right", log, top);
  expect(await client.current.gather([bottom, again])).toEqual([6, 2]);
  const runs = readFileSync(log, "utf8").trim().split(" ");
  expect(runs.toSorted()).toEqual(["bottom", "left", "right", "top"]);
});

test("an error reaches every dependent, at any depth, with what threw it, and nobody else", async () => {
  const bad = client.current.submit(function spoil(): number {
    throw new RangeError("spoilt");
  });
  const good = client.current.submit(inc, 1);
  let level: Future<number>[] = [bad];
  const all: Future<number>[] = [];
  for (let depth = 0; depth < 6; depth++) {
    level = level.flatMap((from) => [
      client.current.submit(add, from, depth),
      client.current.submit(add, good, from),
    ]);
    all.push(...level);
  }
  const fine = client.current.map(inc, [good, 5]);
  const errors = await Promise.all(all.map((future) => future.exception()));
  expect(errors).toHaveLength(126);
  for (const error of errors) {
    expect((error as TaskError).message).toContain('task "spoil" #0 failed: RangeError: spoilt');
    expect((error as TaskError).cause).toBeInstanceOf(RangeError);
  }
  expect(await all.at(-1)?.traceback()).toMatch(
    /RangeError: spoilt\n\s+at spoil .*future-graphs\.test\.ts/,
  );
  expect(await good.traceback()).toBeUndefined();
  expect(await client.current.gather(fine)).toEqual([3, 6]);
});

describe("on worker processes", () => {
  const busy = sharedClient({ processes: 2 });

  /** Says that it runs, and goes on until there is a file. */
  const hold = async ({
    began,
    end,
  }: {
    readonly began: string;
    readonly end: string;
  }): Promise<string> => {
    const { existsSync: exists, writeFileSync: write } = await import("node:fs");
    write(began, "");
    while (!exists(end)) await new Promise((resolve) => setTimeout(resolve, 5));
    return "ran to its end";
  };
  const until = async (file: string): Promise<void> => {
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const files = (name: string): { readonly began: string; readonly end: string } => ({
    began: path.join(folder.path, `${name}-began`),
    end: path.join(folder.path, `${name}-end`),
  });

  test("what is cancelled mid-flight is cancelled at once, and what waits for it; the rest goes on", async () => {
    const at = files("cancelled");
    const running = busy.current.submit(hold, at);
    const dependent = busy.current.submit((text: string) => text.length, running);
    const other = busy.current.map(inc, [1, 2]);
    await until(at.began);
    busy.current.cancel([running, dependent]);
    await dependent.ended();
    expect([running.cancelled, dependent.cancelled]).toEqual([true, true]);
    expect(isLambdaskError(await running.exception(), "CANCELLED")).toBe(true);
    expect(await busy.current.gather(other)).toEqual([2, 3]);
    writeFileSync(at.end, "");
    // Its worker is free again.
    expect(await busy.current.gather(busy.current.map(inc, [10, 20, 30, 40]))).toEqual([
      11, 21, 31, 41,
    ]);
  });

  test.each(["at once", "a moment later"])(
    "what takes a cancelled future is cancelled if it was submitted after that, %s, and runs if before",
    async (when) => {
      const at = files(`taken ${when}`);
      const holds = [1, 2].map((n) => busy.current.submit(hold, { ...at, began: at.began + n }));
      for (const n of [1, 2]) await until(at.began + n);
      const note = (n: number, file: string): number => {
        appendFileSync(file, `${n} `);
        return n;
      };
      const log = path.join(folder.path, `ran ${when}`);
      writeFileSync(log, "");
      const lone = busy.current.submit(note, 1, log);
      const shared = busy.current.submit(note, 2, log);
      const before = busy.current.submit(inc, shared);
      busy.current.cancel([lone, shared]);
      expect([lone.status, shared.status, before.status]).toEqual([
        "cancelled",
        "cancelled",
        "pending",
      ]);
      if (when !== "at once") await new Promise((resolve) => setTimeout(resolve, 20));
      const after = [lone, shared].map((future) => busy.current.submit(add, future, 1));
      writeFileSync(at.end, "");
      await wait<unknown>([...after, ...holds]);
      expect(after.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
      expect(await before.result()).toBe(3);
      expect([lone.status, shared.status]).toEqual(["cancelled", "cancelled"]);
      expect(readFileSync(log, "utf8")).toBe("2 ");
    },
  );

  test("a cancelled call does not begin with workers that come in the same moment", async () => {
    const at = files("scaled");
    const other = await connect({
      processes: 1,
      store: path.join(folder.path, "scaling"),
      progress: "none",
    });
    const held = other.submit(hold, at);
    await until(at.began);
    const log = path.join(folder.path, "scaled");
    writeFileSync(log, "");
    const future = other.submit((file: string) => appendFileSync(file, "ran"), log);
    future.cancel();
    other.scale(2);
    expect(await other.submit(inc, 1).result()).toBe(2);
    writeFileSync(at.end, "");
    await held.result();
    await other.close();
    expect(readFileSync(log, "utf8")).toBe("");
  });

  test("a future that is released while it runs leaves nothing behind", async () => {
    const store = path.join(folder.path, "released");
    const at = files("released");
    const other = await connect({ processes: 1, store, progress: "none" });
    const large = async (where: {
      readonly began: string;
      readonly end: string;
    }): Promise<Uint8Array> => {
      const { existsSync: exists, writeFileSync: write } = await import("node:fs");
      write(where.began, "");
      while (!exists(where.end)) await new Promise((resolve) => setTimeout(resolve, 5));
      return new Uint8Array(500_000);
    };
    const future = other.submit(large, at);
    await until(at.began);
    future.release();
    writeFileSync(at.end, "");
    expect(await other.submit(inc, 1).result()).toBe(2);
    await other.close();
    const left = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  test("a dependent keeps what it needs though the future it takes is released", async () => {
    const first = busy.current.submit(() => new Uint8Array(100_000).fill(3));
    const second = busy.current.submit((bytes: Uint8Array) => bytes[99_999], first);
    first.release();
    expect(await second.result()).toBe(3);
    const { done } = await wait([second]);
    expect(done).toHaveLength(1);
  });
});
