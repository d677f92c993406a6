import { expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { type Client, connect, delayed, type Future, persist } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { errorOf } from "./support.ts";

/** What a store holds besides: records of runs, notes of what is kept, chunks and captured data. */
async function namesIn(backend: Backend): Promise<string[]> {
  const names = [...(await backend.runs.list("runs/")), ...(await backend.runs.list("kept/"))];
  for await (const { key } of backend.store.list("")) names.push(key);
  return names;
}

/** Runs `program` on a backend of its own in this process; gives what the store holds when the client is closed. */
async function leftBy(program: (client: Client, backend: Backend) => Promise<void>) {
  const backend = localBackend({ inline: true });
  {
    await using client = await connect({ backend, progress: "none" });
    await program(client, backend);
  }
  return namesIn(backend);
}

/** Parts too large for a reply: they are stored. Their first items are 0, 1, 2, … */
function largeParts(partitions: number): Bag<Float64Array> {
  return fromSequence(
    Array.from({ length: partitions }, (_, i) => i),
    { partitions },
  ).map((i) => new Float64Array(5000).fill(i));
}

const firsts = (parts: readonly Float64Array[]): (number | undefined)[] => parts.map(([x]) => x);

test("a bag that was persisted and released is computed anew, and so is what was made of it", async () => {
  const left = await leftBy(async () => {
    const kept = await largeParts(3).persist();
    const sums = kept.map((part) => part.reduce((a, b) => a + b, 0));
    expect(await sums.compute()).toEqual([0, 5000, 10_000]);
    kept.release();
    expect(firsts(await kept.compute())).toEqual([0, 1, 2]);
    expect(await sums.compute()).toEqual([0, 5000, 10_000]);
    const again = await kept.persist();
    const running = again.map((part) => part.length).compute();
    again.release();
    expect(await running).toEqual([5000, 5000, 5000]);
  });
  expect(left).toEqual([]);
});

test("results of one map go one by one, and are made again for work that takes them later", async () => {
  const left = await leftBy(async (client, backend) => {
    const chunks = async (): Promise<number> => {
      await new Promise(setImmediate);
      return (await namesIn(backend)).filter((name) => name.startsWith("tmp/")).length;
    };
    const futures = client.map((i: number) => new Float64Array(5000).fill(i), [0, 1, 2, 3]);
    await client.gather(futures);
    expect(await chunks()).toBe(4);
    type Part = Future<Float64Array>;
    const [first, second, ...others] = futures as [Part, Part, ...Part[]]; // Of four items.
    first.release();
    expect(await chunks()).toBe(3);
    const sum = client.submit((part: Float64Array) => part.reduce((a, b) => a + b, 0), second);
    second.release();
    expect(await sum.result()).toBe(5000);
    expect(await chunks()).toBe(2);
    const last = client.submit((part: Float64Array) => part[0], first);
    expect(await last.result()).toBe(0);
    expect(await chunks()).toBe(2);
    for (const future of others) future.release();
    expect(await chunks()).toBe(0);
  });
  expect(left).toEqual([]);
});

test("work on a future that was released is refused, and the client goes on", async () => {
  await leftBy(async (client) => {
    const future = client.submit((x: number) => x + 1, 1);
    expect(await future.result()).toBe(2);
    future.release();
    const error = await errorOf(() => client.submit((x: number) => x * 2, future).result());
    expect(error).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(await client.submit((x: number) => x + 1, 2).result()).toBe(3);
  });
});

test("what was persisted goes when it is released; for await releases what it has read", async () => {
  const left = await leftBy(async (_client, backend) => {
    let read = 0;
    for await (const part of largeParts(3)) read += part.length;
    expect(read).toBe(3);
    const kept = await delayed(() => new Float64Array(5000))().persist();
    expect((await namesIn(backend)).some((name) => name.startsWith("kept/"))).toBe(true);
    kept.release();
  });
  expect(left).toEqual([]);
});

test("persisting that fails keeps nothing, what was there already included", async () => {
  const left = await leftBy(async () => {
    const fails = delayed((): number => {
      throw new Error("no");
    });
    const large = delayed(() => new Float64Array(5000))();
    expect(await errorOf(() => persist(large, fails()))).toMatchObject({ code: "TASK_FAILED" });
  });
  expect(left).toEqual([]);
});

test("what is persisted twice stays until both are released", async () => {
  const left = await leftBy(async (_client, backend) => {
    const [one, two] = [await largeParts(2).persist(), await largeParts(2).persist()];
    one.release();
    expect(firsts(await two.compute())).toEqual([0, 1]);
    expect((await namesIn(backend)).some((name) => name.startsWith("kept/"))).toBe(true);
    two.release();
  });
  expect(left).toEqual([]);
});

test("deleting is announced in the run's record before the first chunk goes, and the record goes last", async () => {
  const backend = localBackend({ inline: true });
  const happened: string[] = [];
  const { store, runs } = backend;
  const [remove, replace, forget] = [store.delete, runs.replace, runs.delete];
  store.delete = (...args) => {
    happened.push("chunk deleted");
    return remove.apply(store, args);
  };
  runs.replace = (name, bytes, version) => {
    const { deleting } = JSON.parse(new TextDecoder().decode(bytes)) as { deleting: unknown[] };
    happened.push(deleting.length > 0 ? "announced" : "record");
    return replace.call(runs, name, bytes, version);
  };
  runs.delete = (name) => {
    happened.push(`${name.split("/").at(-1)} deleted`);
    return forget.call(runs, name);
  };
  {
    await using _client = await connect({ backend, progress: "none" });
    await largeParts(3).compute();
  }
  const from = happened.indexOf("announced");
  expect(happened.slice(from)).toEqual([
    "announced",
    ...["chunk deleted", "chunk deleted", "chunk deleted"],
    ...["record", "journal deleted", "record deleted"],
  ]);
  expect(happened.slice(0, from)).not.toContain("chunk deleted");
});

/** What tasks of this file's functions did: inline tasks run in this process. */
const seen = globalThis as { lambdaskTest?: { ran: number[]; stop: AbortController } };

test("what an aborted compute had finished is not computed again by the same client", async () => {
  const left = await leftBy(async () => {
    const watch = { ran: [] as number[], stop: new AbortController() };
    seen.lambdaskTest = watch;
    const work = fromSequence(
      Array.from({ length: 40 }, (_, i) => i),
      { partitions: 40 },
    ).map((i) => {
      const { lambdaskTest } = globalThis as typeof seen;
      lambdaskTest?.ran.push(i);
      if (i === 15) lambdaskTest?.stop.abort();
      return new Float64Array(5000).fill(i);
    });
    const error = await errorOf(() => work.compute({ signal: watch.stop.signal }));
    expect(error).toMatchObject({ code: "CANCELLED" });
    expect(firsts(await work.compute())).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(watch.ran.length).toBe(new Set(watch.ran).size);
  });
  expect(left).toEqual([]);
});

test("a plan that is refused leaves no record of a run", async () => {
  const left = await leftBy(async () => {
    const huge = delayed((x: number) => x, { memory: "4096 GiB" });
    expect(await errorOf(() => huge(1).compute())).toMatchObject({ code: "OUT_OF_MEMORY" });
  });
  expect(left).toEqual([]);
});

test("captured data goes with the last work that needs it", async () => {
  const left = await leftBy(async (client, backend) => {
    const table = new Float64Array(50_000).fill(7);
    const look = (i: number): number => (table[i] ?? 0) + i;
    const blobs = async (): Promise<number> =>
      (await namesIn(backend)).filter((name) => name.startsWith("blob/")).length;
    const future = client.submit(look, 1);
    expect(await future.result()).toBe(8);
    expect(await blobs()).toBe(1);
    expect(await delayed(look)(2).compute()).toBe(9);
    expect(await blobs()).toBe(1);
    const next = client.submit(look, 3);
    future.release();
    expect(await next.result()).toBe(10);
    next.release();
    expect(await fromSequence([1, 2]).map(look).compute()).toEqual([8, 9]);
    expect(await blobs()).toBe(0);
  });
  expect(left).toEqual([]);
});

test("captured data that two clients use stays until both are done", async () => {
  const backend = localBackend({ inline: true });
  const look = (table: Float64Array) => (i: number) => (table[i] ?? 0) + i;
  const call = look(new Float64Array(50_000).fill(7));
  const kept = { backend, progress: "none" } as const;
  const first = await connect(kept);
  const future = first.submit(call, 1);
  expect(await future.result()).toBe(8);
  const second = await connect({ ...kept, backend: { ...backend } });
  expect(await second.submit(call, 2).result()).toBe(9);
  await second.close();
  expect((await namesIn(backend)).filter((name) => name.startsWith("blob/"))).toHaveLength(1);
  future.release();
  await first.close();
  expect(await namesIn(backend)).toEqual([]);
});
