import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { withInvoke } from "../../src/backend/with-invoke.ts";
import {
  annotate,
  type Client,
  connect,
  currentTask,
  delayed,
  type Future,
  type TaskError,
} from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { heldOf } from "../support/collect-garbage.ts";
import { errorOf, logFile, sharedClient, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const client = sharedClient({ inline: true });
const log = logFile();
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Notes that it has run. */
function noted(n: number, file: string): number {
  appendFileSync(file, `${n}\n`);
  return n * 10;
}

/** The numbers that `noted` was called with since the last question, rising. */
function ran(): number[] {
  const lines = readFileSync(log.path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  writeFileSync(log.path, "");
  return lines.map(Number).sort((a, b) => a - b);
}

const note = (n: number): Future<number> => client.current.submit(noted, n, log.path);

/** Runs `program` on a backend in this process; gives how many stages the workers have seen, and in how many invocations. */
async function seenBy(program: (client: Client) => Promise<void>) {
  const backend = localBackend({ inline: true });
  const { invoker } = backend;
  const seen: unknown[] = [];
  const counted: Backend = {
    ...backend,
    invoker: withInvoke(invoker, (invocation, signal) => {
      seen.push(invocation.stage.name);
      return invoker.invoke(invocation, signal);
    }),
  };
  await using own = await connect({ backend: counted, progress: "none" });
  await program(own);
  return { stages: new Set(seen).size, invocations: seen.length };
}

describe("calls that are submitted in one turn", () => {
  test("are one stage if they are of one function and have the same options", async () => {
    const square = (n: number): number => n * n;
    const { stages, invocations } = await seenBy(async (own) => {
      const futures = numbers(1000).map((n) => own.submit(square, n));
      expect(futures.every((future) => future.status === "pending")).toBe(true);
      expect(await own.gather(futures)).toEqual(numbers(1000).map((n) => n * n));
    });
    expect(stages).toBe(1);
    expect(invocations).toBeLessThan(1000);
  });

  test("are one stage only up to a mebibyte: one future that is held keeps what all of them take", async () => {
    const lengthOf = (text: string): number => text.length;
    const { stages } = await seenBy(async (own) => {
      const futures = numbers(40).map((n) => own.submit(lengthOf, "x".repeat(100_000 + n)));
      expect(await own.gather(futures)).toEqual(numbers(40).map((n) => 100_000 + n));
    });
    // 1,048,576 bytes are reached by the eleventh call of a hundred thousand.
    expect(stages).toBe(Math.ceil(40 / 11));
  });

  test("are stages apart if functions or options differ, and each has what was asked of it", async () => {
    const flaky = (n: number): number => {
      const { attempt = 0 } = currentTask() ?? {};
      if (attempt <= n) throw new Error(`attempt ${attempt} of ${n + 1}`);
      return attempt;
    };
    const named = delayed(flaky, { name: "shaky" });
    const { stages } = await seenBy(async (own) => {
      const futures = numbers(12).map((n) => {
        if (n % 4 === 0) return own.submit(named, n);
        return annotate({ retries: n % 4 }, () => own.submit(flaky, n));
      });
      const ended = await Promise.all(
        futures.map(async (each) => [each, await each.exception()] as const),
      );
      for (const [n, [future, error]] of ended.entries()) {
        const retries = n % 4;
        if (n <= retries) {
          expect(await future.result()).toBe(n + 1);
          continue;
        }
        const { attempts, label } = (error as TaskError).task;
        expect([attempts, label]).toEqual([retries + 1, retries === 0 ? "shaky" : "flaky"]);
      }
    });
    expect(stages).toBe(4);
  });

  test("keep their order, and the more urgent ones come first", async () => {
    await using own = await connect({ processes: 1, progress: "none", store: folder.path });
    const go = path.join(folder.path, "go");
    const wait = async (): Promise<void> => {
      while (!existsSync(go)) await new Promise((done) => setTimeout(done, 5));
    };
    const busy = own.submit(wait);
    const write = (letter: string, _n: number, file: string): void => appendFileSync(file, letter);
    const futures = numbers(30).flatMap((n) => [
      own.submit(write, "l", n, log.path),
      annotate({ priority: 1 }, () => own.submit(write, "h", n, log.path)),
      annotate({ priority: -1 }, () => own.submit(write, "z", n, log.path)),
    ]);
    writeFileSync(go, "");
    await own.gather([busy, ...futures]);
    const expected = ["h", "l", "z"].map((letter) => letter.repeat(30)).join("");
    expect(readFileSync(log.path, "utf8")).toBe(expected);
  });

  test("may have deadlines of their own", async () => {
    await using own = await connect({ processes: 2, progress: "none", store: folder.path });
    const wait = async (ms: number): Promise<number> => {
      await new Promise((done) => setTimeout(done, ms));
      return ms;
    };
    const late = annotate({ timeoutMs: 100 }, () => own.submit(wait, 600_000));
    const inTime = own.submit(wait, 1);
    expect(await late.exception()).toMatchObject({ code: "TASK_TIMEOUT" });
    expect(await inTime.result()).toBe(1);
  });

  test("are refused at the call, and the others run", async () => {
    const good = [note(1), note(2)];
    const { current } = client;
    const cyclic: unknown[] = [];
    cyclic.push(cyclic, () => 1);
    expect(await errorOf(() => current.submit((x: unknown) => x, cyclic))).toMatchObject({
      code: "NOT_DATA",
    });
    const held = { promise: Promise.resolve(1) };
    expect(await errorOf(() => current.submit(noted, 3, held as never))).toMatchObject({
      code: "NOT_DATA",
    });
    const huge = (): Future<number> => annotate({ memory: "4096 GiB" }, () => note(4));
    expect(await errorOf(huge)).toMatchObject({ code: "OUT_OF_MEMORY" });
    expect(await errorOf(huge)).toMatchObject({ code: "OUT_OF_MEMORY" });
    await using other = await connect({ inline: true, progress: "none" });
    const foreign = other.submit((n: number) => n, 5);
    expect(await errorOf(() => current.submit(noted, foreign, ""))).toMatchObject({
      code: "BAD_ARGUMENT",
    });
    expect(await current.gather([...good, note(5)])).toEqual([10, 20, 50]);
    expect(ran()).toEqual([1, 2, 5]);
  });

  test("fail by themselves, each with the place where it was submitted", async () => {
    const check = (n: number): number => {
      if (n % 2 === 1) throw new RangeError(`odd: ${n}`);
      return n;
    };
    const { current } = client;
    const one = current.submit(check, 1);
    const two = current.submit(check, 2);
    const three = current.submit(check, 3);
    const errors = [await one.exception(), await three.exception()] as TaskError[];
    expect(await two.result()).toBe(2);
    const line = (error: TaskError): number =>
      Number(/asked for at .*submitted-calls\.test\.ts:(\d+)/.exec(error.message)?.[1]);
    const [first, last] = errors.map(line) as [number, number];
    expect(last - first).toBe(2);
    expect(errors.map((error) => (error.cause as Error).message)).toEqual(["odd: 1", "odd: 3"]);
    expect(await three.traceback()).toMatch(/RangeError: odd: 3\n\s+at check/);
  });

  test("are cancelled and retried one by one", async () => {
    const futures = numbers(5).map(note);
    futures[3]?.cancel();
    expect(futures.map(({ status }) => status)).toEqual([
      "pending",
      "pending",
      "pending",
      "cancelled",
      "pending",
    ]);
    await Promise.all(futures.map((future) => future.ended()));
    expect(ran()).toEqual([0, 1, 2, 4]);
    expect(await errorOf(() => futures[3]?.result())).toMatchObject({ code: "CANCELLED" });
    futures[3]?.retry();
    expect(await client.current.gather(futures)).toEqual([0, 10, 20, 30, 40]);
    expect(ran()).toEqual([3]);
  });

  test("may be made of one another, in chains and diamonds, and of futures that are released at once", async () => {
    const { current } = client;
    const add = (...all: number[]): number => all.reduce((a, b) => a + b, 1);
    let last = current.submit(add);
    for (let i = 0; i < 10; i++) {
      const [left, right] = [current.submit(add, last), current.submit(add, last, i)];
      const next = current.submit(
        (pair: number[]) => (pair[0] ?? 0) + (pair[1] ?? 0),
        [left, right],
      );
      for (const future of [last, left, right]) future.release();
      last = next;
    }
    let expected = 1;
    for (let i = 0; i < 10; i++) expected = 2 * expected + 2 + i;
    expect(await last.result()).toBe(expected);
  });

  test("end as cancelled when the client is closed in the same turn, and none can be submitted after it", async () => {
    const own = await connect({ inline: true, progress: "none" });
    const futures = numbers(3).map((n) => own.submit(noted, n, log.path));
    const dependent = own.submit((n: number) => n, futures[0] as Future<number>);
    const closed = own.close();
    expect([...futures, dependent].map(({ status }) => status)).toEqual(Array(4).fill("cancelled"));
    expect(await errorOf(() => own.submit(noted, 1, log.path))).toMatchObject({ code: "CLOSED" });
    await closed;
  });
});

describe("equal calls", () => {
  test("are one while a future of one is held, whenever they are submitted and with what", async () => {
    const first = [note(1), note(2), note(1), note(1)];
    await client.current.gather(first);
    const second = [note(3), note(2), note(1)];
    expect(await client.current.gather(second)).toEqual([30, 20, 10]);
    expect(ran()).toEqual([1, 2, 3]);
    expect(first.map(({ key }) => key)).toEqual([1, 2, 1, 1].map((at) => first[at - 1]?.key));
    expect(second.map(({ key }) => key).slice(1)).toEqual([first[1]?.key, first[0]?.key]);
    // One of them is enough.
    for (const future of [...first, ...second.slice(1, 2)]) future.release();
    expect(await note(1).result()).toBe(10);
    expect(ran()).toEqual([]);
    expect(await note(2).result()).toBe(20);
    expect(ran()).toEqual([2]);
  });

  test("have the key that each has by itself", async () => {
    const alone = await Promise.all(
      [4, 5, 6].map(async (n) => {
        const future = note(n);
        await future.result();
        const { key } = future;
        future.release();
        return key;
      }),
    );
    const together = [4, 5, 6].map(note);
    expect(together.map(({ key }) => key)).toEqual(alone);
    await client.current.gather(together);
    expect(together.map(({ key }) => key)).toEqual(alone);
    expect(new Set(alone).size).toBe(3);
  });

  test("are cancelled, retried and released each for itself", async () => {
    const [one, two, other] = [note(7), note(7), note(8)];
    one.cancel();
    expect(await two.result()).toBe(70);
    expect(one.status).toBe("cancelled");
    one.retry();
    two.release();
    expect(await one.result()).toBe(70);
    expect(await other.result()).toBe(80);
    expect(ran()).toEqual([7, 8]);
  });

  test("all run if they are impure", async () => {
    const dice = delayed(noted, { pure: false });
    const futures = [1, 1, 2, 1].map((n) => client.current.submit(dice, n, log.path));
    await client.current.gather(futures);
    expect(ran()).toEqual([1, 1, 1, 2]);
    expect(new Set(futures.map(({ key }) => key)).size).toBe(4);
  });

  test("may be submitted, and released, by whoever is told of an end", async () => {
    const kept = note(9);
    await kept.result();
    const told: number[] = [];
    const again = note(9);
    again.whenEnded(() => {
      told.push(1);
      note(9).release();
      note(11).whenEnded(() => told.push(2));
    });
    const after = client.current.submit((n: number) => n + 1, note(10));
    expect(await after.result()).toBe(101);
    await note(11).result();
    expect(told).toEqual([1, 2]);
    expect(ran()).toEqual([9, 10, 11]);
  });
});

describe("results of calls that were submitted together", () => {
  const large = (n: number): Float64Array => new Float64Array(5000).fill(n);

  test("go one by one as their futures are released or are garbage", async () => {
    const backend = localBackend({ inline: true });
    const chunks = async (): Promise<number> => {
      await new Promise(setImmediate);
      let count = 0;
      for await (const { key } of backend.store.list("tmp/")) count += key.length > 0 ? 1 : 0;
      return count;
    };
    await using own = await connect({ backend, progress: "none" });
    const futures = numbers(6).map((n) => own.submit(large, n));
    await own.gather(futures);
    expect(await chunks()).toBe(6);
    const released = futures.pop() as Future<Float64Array>;
    released.release();
    expect(await chunks()).toBe(5);
    expect(await errorOf(() => own.submit((x: unknown) => x, released))).toMatchObject({
      code: "BAD_ARGUMENT",
    });
    const references = futures.splice(1).map((future) => new WeakRef(future));
    expect(await heldOf(references)).toBe(0);
    expect(await chunks()).toBe(1);
    expect((await futures[0]?.result())?.[0]).toBe(0);
  });
});
