import { expect, test } from "vitest";
import {
  asCompleted,
  type Client,
  type Completions,
  type Future,
  type TaskError,
  wait,
} from "../../src/index.ts";
import { heldOf } from "../support/collect-garbage.ts";
import { sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });

/** Submits calls one by one, so that each has a result of its own; every third fails. */
function submitMany(to: Client, count: number, refs: WeakRef<object>[]): Completions<number> {
  const futures: Future<number>[] = [];
  for (let i = 0; i < count; i++) {
    const future = to.submit((n: number) => {
      if (n % 3 === 0) throw new Error(`no ${n}`);
      return n;
    }, i);
    refs.push(new WeakRef(future));
    futures.push(future);
  }
  return asCompleted(futures);
}

async function take(done: Completions<number>, count: number): Promise<(number | "error")[]> {
  const values: (number | "error")[] = [];
  for (let i = 0; i < count; i++) {
    const next = await done.next();
    if (next.done === true) break;
    values.push(await next.value.result().catch(() => "error" as const));
  }
  return values;
}

test("a future that was given out is held by nobody, failed or not, while others are still to come", async () => {
  const refs: WeakRef<object>[] = [];
  const done = submitMany(client.current, 30, refs);
  const values = await take(done, 24);
  expect(done.remaining).toBe(6);
  expect(await heldOf(refs)).toBe(6);
  values.push(...(await take(done, 6)));
  expect(await heldOf(refs)).toBe(0);
  const numbers = Array.from({ length: 30 }, (_, i) => i);
  expect(values.filter((value) => value === "error")).toHaveLength(10);
  expect(values.filter((value) => value !== "error").sort((a, b) => Number(a) - Number(b))).toEqual(
    numbers.filter((n) => n % 3 !== 0),
  );
  expect(done.remaining).toBe(0);
});

test("asked several times at once, each asker gets one", async () => {
  const done = submitMany(client.current, 5, []);
  const given = await Promise.all([0, 1, 2, 3, 4, 5].map(() => done.next()));
  expect(new Set(given.map(({ value }) => value)).size).toBe(6);
  expect(given.map((result) => result.done === true)).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("10,000 futures come each once, the failed ones too, with values and errors", async () => {
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  const futures = client.current.map((n: number) => {
    if (n % 7 === 3) throw new RangeError(`no ${n}`);
    return n * 2;
  }, numbers);
  const values: number[] = [];
  const errors: string[] = [];
  for await (const each of asCompleted(futures, { withResults: true })) {
    if (each.status === "finished") values.push(each.value);
    else errors.push(((each.error as TaskError).cause as Error).message);
  }
  const isBad = (n: number): boolean => n % 7 === 3;
  expect(values.sort((a, b) => a - b)).toEqual(numbers.filter((n) => !isBad(n)).map((n) => n * 2));
  expect(errors.sort()).toEqual(
    numbers
      .filter(isBad)
      .map((n) => `no ${n}`)
      .sort(),
  );
});

test("batches hold all that have ended, and what is added comes in later ones", async () => {
  const inc = (n: number): number => n + 1;
  const first = client.current.map(inc, [1, 2, 3]);
  await wait(first);
  const done = asCompleted(first);
  expect([done.remaining, done.isEmpty, done.hasReady]).toEqual([3, false, true]);
  const sizes: number[] = [];
  const values: number[] = [];
  for await (const batch of done.batches()) {
    sizes.push(batch.length);
    for (const future of batch) values.push(await future.result());
    if (sizes.length === 1) done.addAll(client.current.map(inc, [10, 20]));
  }
  expect(sizes[0]).toBe(3);
  expect(values.sort((a, b) => a - b)).toEqual([2, 3, 4, 11, 21]);
  expect([done.remaining, done.isEmpty, done.hasReady]).toEqual([0, true, false]);
  const withResults = asCompleted(client.current.map(inc, [5]), { withResults: true });
  for await (const batch of withResults.batches()) expect(batch).toMatchObject([{ value: 6 }]);
});

test("cleared, nothing more is given out: not to who waits, not what ends later", async () => {
  const hang = client.current.submit(
    () => new Promise<number>((resolve) => setTimeout(resolve, 20, 1)),
  );
  const done = asCompleted([hang]);
  const waiting = done.next();
  done.add(client.current.submit((n: number) => n, 5));
  done.clear();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await hang.result();
  expect([done.remaining, done.hasReady]).toEqual([0, false]);
  const more = client.current.submit((n: number) => n, 7);
  done.add(more);
  expect((await done.next()).value).toBe(more);
  expect((await done.next()).done).toBe(true);
});

test("wrong options and wrong futures are refused", async () => {
  expect(() => asCompleted([], { results: true } as object)).toThrow(/unknown option "results"/);
  expect(() => asCompleted([], { withResults: 1 as never })).toThrow(/withResults/);
  expect(() => asCompleted([]).add(5 as never)).toThrow(/asCompleted\.add/);
  expect(() => asCompleted([]).addAll([5 as never])).toThrow(/asCompleted\.addAll: item 0/);
  await expect(wait([], { timeoutMs: -1 })).rejects.toThrow(/wait: timeoutMs/);
});

test("wait gives what has ended and what has not when its time is over", async () => {
  const never = client.current.submit(
    () => new Promise<number>((resolve) => setTimeout(resolve, 300, 1)),
  );
  const { done, pending } = await wait([never], { timeoutMs: 5 });
  expect([done, pending]).toEqual([[], [never]]);
  expect((await wait([never], { timeoutMs: 60_000 })).pending).toEqual([]);
});
