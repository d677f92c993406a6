import { expect, test } from "vitest";
import { asCompleted, type Client, type Completions, type Future } from "../../src/index.ts";
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
