import { expect, test } from "vitest";
import { asCompleted, type Client, connect, type Future } from "../../src/index.ts";
import { workOf } from "../support/work.ts";
import { temporaryFolder } from "./support.ts";

const store = temporaryFolder();

const inc = (x: number): number => x + 1;
const addUnlessOdd = (x: number, k: number): number => {
  if (k % 2 === 1) throw new Error(`odd: ${k}`);
  return x + k;
};

type Program = (client: Client, count: number) => Promise<void>;

const programs: Readonly<Record<string, Program>> = {
  "a chain that nobody waits for": async (client, count) => {
    let last = client.submit(inc, 0);
    for (let i = 1; i < count; i++) last = client.submit(inc, last);
    expect(await last.result()).toBe(count);
  },
  "a loop that releases what it has used": async (client, count) => {
    let last = client.submit(inc, 0);
    for (let i = 1; i < count; i++) {
      const next = client.submit(inc, last);
      expect(await next.result()).toBe(i + 1);
      last.release();
      last = next;
    }
  },
  "diamonds on one future": async (client, count) => {
    const shared = client.submit(inc, 0);
    const sum = (x: number, y: number): number => x + y;
    const tips: Future<number>[] = [];
    for (let k = 0; k < count; k++) {
      const left = client.submit(addUnlessOdd, shared, 2 * k);
      const right = client.submit(addUnlessOdd, shared, 4 * k);
      tips.push(client.submit(sum, left, right));
    }
    const expected = Array.from({ length: count }, (_, k) => 2 + 6 * k);
    expect(await client.gather(tips)).toEqual(expected);
  },
  "calls on one future as they are completed, every other failing": async (client, count) => {
    const shared = client.submit(inc, 0);
    const calls = Array.from({ length: count }, (_, k) => client.submit(addUnlessOdd, shared, k));
    let failed = 0;
    let total = 0;
    for await (const future of asCompleted(calls)) {
      if ((await future.exception()) === undefined) total += await future.result();
      else failed += 1;
      future.release();
    }
    expect(failed).toBe(count / 2);
    // 1 + k for each even k below count.
    expect(total).toBe(count / 2 + (count / 2) * (count / 2 - 1));
  },
  "calls that are submitted in one loop, twice, and a call on each": async (client, count) => {
    const items = Array.from({ length: count }, (_, k) => k);
    const calls = items.map((k) => client.submit(inc, k));
    const again = items.map((k) => client.submit(inc, k));
    const next = calls.map((future) => client.submit(inc, future));
    for (const future of calls) future.release();
    expect(await client.gather([...again, ...next])).toEqual(
      [1, 2].flatMap((more) => items.map((k) => k + more)),
    );
    for (const future of again) future.release();
  },
  "a call on each of mapped futures": async (client, count) => {
    const items = Array.from({ length: count }, (_, k) => k);
    const calls = client.map(inc, items).map((future) => client.submit(inc, future));
    expect(await client.gather(calls)).toEqual(items.map((k) => k + 2));
  },
};

test.for(Object.entries(programs))(
  "the client's work grows as the futures: %s",
  async ([, program]) => {
    const work = async (count: number): Promise<number> => {
      await using client = await connect({ inline: true, progress: "none", store: store.path });
      return await workOf(["client", "schedule", "plan"], () => program(client, count));
    };
    // The first time everything is captured.
    await work(4);
    const little = await work(40);
    // When results come and what is collected meanwhile differs a little from time to time; squares would be 50 and more.
    expect((await work(400)) / little).toBeLessThan(15);
  },
);
