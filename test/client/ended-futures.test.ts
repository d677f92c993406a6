import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  compute,
  delayed,
  type Future,
  isLambdaskError,
  type TaskError,
  wait,
} from "../../src/index.ts";
import { errorOf, logFile, sharedClient, temporaryFolder } from "./support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();
const log = logFile();

/** Fails for odd numbers, and notes each run. */
function evenOnly(item: { readonly n: number; readonly log: string }): number {
  appendFileSync(item.log, `${item.n} `);
  if (item.n % 2 === 1) throw new RangeError(`odd: ${item.n}`);
  return item.n;
}

const runs = (): string => readFileSync(log.path, "utf8");
const inc = (n: number): number => n + 1;

/** One future that has failed and one that has a value. */
async function mixed(): Promise<[Future<number>, Future<number>]> {
  const futures = client.current.map(
    evenOnly,
    [1, 2].map((n) => ({ n, log: log.path })),
  );
  await wait(futures);
  return futures as [Future<number>, Future<number>];
}

/** One future that was cancelled, and one that has a value. */
async function cancelledOne(): Promise<[Future<number>, Future<number>]> {
  const futures = client.current.map(
    evenOnly,
    [4, 6].map((n) => ({ n, log: log.path })),
  );
  futures[0]?.cancel();
  await wait(futures);
  return futures as [Future<number>, Future<number>];
}

describe("a future that has failed", () => {
  test("fails the calls that take it later with its error, and runs no more", async () => {
    const [bad, good] = await mixed();
    const before = runs();
    const late = client.current.submit(inc, bad);
    const later = client.current.submit((list: number[]) => list.length, [good, late, bad]);
    for (const future of [late, later]) {
      const error = (await future.exception()) as TaskError;
      expect(error.message).toContain('task "evenOnly" #0 failed: RangeError: odd: 1');
      expect(error.cause).toMatchObject({ name: "RangeError", message: "odd: 1" });
      expect(future.status).toBe("error");
    }
    expect(runs()).toBe(before);
  });

  test("fails only what takes it, among mapped calls and in compute", async () => {
    const [bad, good] = await mixed();
    const before = runs();
    const mapped = client.current.map(inc, [good, bad, good]);
    await wait(mapped);
    expect(mapped.map(({ status }) => status)).toEqual(["finished", "error", "finished"]);
    const later = delayed(inc);
    const [first, second, third] = await compute(later(good), later(bad), bad, {
      onError: "collect",
    });
    expect(first).toEqual({ value: 3 });
    for (const { error } of [second, third]) {
      expect((error as TaskError).cause).toMatchObject({ message: "odd: 1" });
    }
    for (const run of [
      () => compute(bad),
      () => later(later(bad)).compute(),
      () => later(bad).persist(),
      () => later(bad).compute({ reuse: true }),
    ]) {
      expect(((await errorOf(run)) as TaskError).cause).toMatchObject({ message: "odd: 1" });
    }
    expect(runs()).toBe(before);
  });

  test("keeps its error when an equal call succeeds later", async () => {
    const flag = path.join(folder.path, "flag");
    const flaky = (file: string): string => readFileSync(file, "utf8");
    const first = client.current.submit(flaky, flag);
    await first.ended();
    writeFileSync(flag, "there");
    const second = client.current.submit(flaky, flag);
    expect(await second.result()).toBe("there");
    const upper = (text: string): string => text.toUpperCase();
    expect(await errorOf(() => client.current.submit(upper, first).result())).toMatchObject({
      cause: { code: "ENOENT" },
    });
    expect(await errorOf(() => compute(first))).toMatchObject({ cause: { code: "ENOENT" } });
    expect(await client.current.submit(upper, second).result()).toBe("THERE");
  });
});

describe("a future that was cancelled", () => {
  test("cancels the calls that take it later, and runs no more", async () => {
    const [gone, good] = await cancelledOne();
    expect([gone.status, good.status]).toEqual(["cancelled", "finished"]);
    const before = runs();
    const late = client.current.submit(inc, gone);
    const mapped = client.current.map(inc, [good, late, gone]);
    await wait([late, ...mapped]);
    expect(late.status).toBe("cancelled");
    expect(mapped.map(({ status }) => status)).toEqual(["finished", "cancelled", "cancelled"]);
    expect(isLambdaskError(await late.exception(), "CANCELLED")).toBe(true);
    for (const run of [() => compute(gone), () => delayed(inc)(gone).compute()]) {
      const error = await errorOf(run);
      expect(isLambdaskError(error, "CANCELLED") && error.message).toMatch(
        /a future that the work takes was cancelled/,
      );
    }
    expect(runs()).toBe(before);
  });

  test("is not what an equal call is that is submitted later", async () => {
    const [gone] = await cancelledOne();
    const again = client.current.map(evenOnly, [{ n: 4, log: log.path }]);
    expect(await client.current.gather(again)).toEqual([4]);
    expect(gone.status).toBe("cancelled");
  });

  test.each([
    ["scattered", () => client.current.scatter({ n: 1 })],
    ["computed", () => client.current.submit((n: number) => ({ n }), 1)],
  ] as const)(
    "does not cancel what takes it beside an equal future that has the value (%s)",
    async (_, make) => {
      const kept = make();
      await kept.ended();
      const gone = make();
      gone.cancel();
      expect([kept.status, gone.status]).toEqual(["finished", "cancelled"]);
      const more = ({ n }: { readonly n: number }): number => n + 1;
      for (const futures of [[kept, gone] as const, [gone, kept] as const]) {
        const mapped = client.current.map(more, futures);
        await wait(mapped);
        expect(await mapped[futures.indexOf(kept)]?.result()).toBe(2);
      }
      const alone = client.current.map(more, [gone]);
      await wait(alone);
      expect(alone[0]?.status).toBe("cancelled");
    },
  );

  test("cancels what takes it beside another call's future that was cancelled, of an equal map", async () => {
    const items = [8, 10].map((n) => ({ n, log: log.path }));
    const [one, other] = [client.current.map(evenOnly, items), client.current.map(evenOnly, items)];
    client.current.cancel([...one, ...other]);
    const mapped = client.current.map(inc, [...one.slice(0, 1), ...other.slice(1)]);
    await wait(mapped);
    expect(mapped.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  });
});
