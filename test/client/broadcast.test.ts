import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import type { InputRef } from "../../src/backend/task.ts";
import { withInvoke } from "../../src/backend/with-invoke.ts";
import { fromSequence } from "../../src/bag.ts";
import { type Client, connect, delayed, type Future } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";

/** Numbers of 80,000 bytes: more than rides in messages. */
const large = (fill: number): Float64Array => new Float64Array(10_000).fill(fill);
const sumOf = (rows: Float64Array, by = 1): number => rows.reduce((a, b) => a + b, 0) * by;

interface Watched extends AsyncDisposable {
  readonly client: Client;
  readonly backend: Backend;
  /** What the tasks that ran since the last call took: the keys that were marked, and the others. */
  taken(): { readonly marked: string[]; readonly plain: string[]; readonly inline: number };
}

/** A client that notes what its tasks take. */
async function watched(): Promise<Watched> {
  const inner = localBackend({ inline: true });
  let refs: InputRef[] = [];
  const backend: Backend = {
    ...inner,
    invoker: withInvoke(inner.invoker, (invocation, signal) => {
      for (const { inputs } of invocation.tasks) refs.push(...inputs.flat());
      return inner.invoker.invoke(invocation, signal);
    }),
  };
  const client = await connect({ backend, progress: "none" });
  return {
    client,
    backend,
    taken: () => {
      const stored = refs.filter((ref) => "key" in ref);
      const inline = refs.length - stored.length;
      refs = [];
      const keys = (isMarked: boolean): string[] => [
        ...new Set(stored.filter((ref) => (ref.broadcast === true) === isMarked).map((r) => r.key)),
      ];
      return { marked: keys(true), plain: keys(false), inline };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

describe("scattered data that is broadcast", () => {
  test("is marked where tasks take it; other scattered data is not", async () => {
    await using scene = await watched();
    const { client } = scene;
    const [one, other] = [
      client.scatter(large(1), { broadcast: true }),
      client.scatter(large(2), { broadcast: false }),
    ];
    expect(await client.submit(sumOf, one).result()).toBe(10_000);
    expect(scene.taken()).toMatchObject({ marked: [expect.any(String)], plain: [] });
    expect(await client.submit(sumOf, other).result()).toBe(20_000);
    expect(scene.taken()).toMatchObject({ marked: [], plain: [expect.any(String)] });
  });

  test("is one chunk with equal data that is not: the mark is the future's own", async () => {
    await using scene = await watched();
    const { client } = scene;
    const plain = client.scatter(large(1));
    const marked = client.scatter(large(1), { broadcast: true });
    expect(marked.key).toBe(plain.key);
    // Until it is in the store, what is not broadcast rides along.
    await plain.ended();
    const take = async (
      rows: Future<Float64Array>,
      by: number,
    ): Promise<ReturnType<Watched["taken"]>> => {
      expect(await client.submit(sumOf, rows, by).result()).toBe(10_000 * by);
      return scene.taken();
    };
    const [first, second, third] = [
      await take(plain, 2),
      await take(marked, 3),
      await take(plain, 4),
    ];
    expect([first.marked, third.marked, second.plain]).toEqual([[], [], []]);
    expect(second.marked).toEqual(first.plain);
    expect(third.plain).toEqual(first.plain);
    // The same call is the same work, whichever it was given.
    const again = client.submit(sumOf, marked, 4);
    expect(await again.result()).toBe(40_000);
    expect(scene.taken()).toEqual({ marked: [], plain: [], inline: 0 });
    // A call that takes both has it once, as the one of them says that says more.
    const both = (a: Float64Array, b: Float64Array): number => sumOf(a) + sumOf(b);
    expect(await client.submit(both, plain, marked).result()).toBe(20_000);
    expect(scene.taken()).toMatchObject({ marked: first.plain, plain: [] });
    plain.release();
    expect(await client.submit(sumOf, marked, 5).result()).toBe(50_000);
  });

  test("is marked in every container, in other collections, and when it is put together first", async () => {
    await using scene = await watched();
    const { client } = scene;
    const all = client.scatterAll({ a: large(1), b: [2], c: large(3) }, { broadcast: true });
    const sums = client.submit(
      (a: Float64Array, b: number[], c: Float64Array) => a.length + b.length + c.length,
      ...([all.a, all.b, all.c] as const),
    );
    expect(await sums.result()).toBe(20_001);
    // The small value rides along.
    expect(scene.taken()).toMatchObject({ marked: { length: 2 }, plain: [], inline: 1 });
    expect(await delayed(sumOf)(all.a, 2).compute()).toBe(20_000);
    expect(scene.taken()).toMatchObject({ marked: { length: 1 }, plain: [] });
    const inside = client.scatter(
      { rows: all.a, one: client.submit(() => 1) },
      { broadcast: true },
    );
    const parts = ({ rows, one }: { readonly rows: Float64Array; readonly one: number }): number =>
      rows.length + one;
    expect(await client.submit(parts, inside).result()).toBe(10_001);
    expect(scene.taken()).toMatchObject({ marked: { length: 2 }, plain: [] });
  });

  test("is marked when the call is retried, and when the store has lost it", async () => {
    await using scene = await watched();
    const { client, backend } = scene;
    const rows = client.scatter(large(1), { broadcast: true });
    await rows.ended();
    for await (const { key } of backend.store.list("tmp/")) await backend.store.delete(key);
    expect(await client.submit(sumOf, rows).result()).toBe(10_000);
    const { marked } = scene.taken();
    expect(marked).toHaveLength(1);
    for await (const { key } of backend.store.list("tmp/")) expect(key).toBe(marked[0]);
  });
});

test("options that are none are refused by what they are", () => {
  const refused = async (act: (client: Client) => unknown): Promise<unknown> => {
    await using client = await connect({ inline: true, progress: "none" });
    return Promise.try(() => act(client)).catch((error: unknown) => error);
  };
  const wrong = { brodcast: true } as never;
  return Promise.all([
    expect(refused((client) => client.scatter(1, wrong))).resolves.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringMatching(
        /client\.scatter: unknown option "brodcast".*"broadcast"/s,
      ) as unknown,
    }),
    expect(refused((client) => client.scatterAll([1], wrong))).resolves.toMatchObject({
      message: expect.stringMatching(/client\.scatterAll: unknown option "brodcast"/) as unknown,
    }),
    expect(
      refused((client) => client.scatter(1, { broadcast: 1 as never })),
    ).resolves.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringMatching(
        /client\.scatter: broadcast: expected true or false/,
      ) as unknown,
    }),
    expect(refused((client) => client.scatter([5], undefined).result())).resolves.toEqual([5]),
    expect(refused((client) => client.scatter(undefined).result())).resolves.toBeUndefined(),
    expect(refused((client) => client.scatter(6, {}).result())).resolves.toBe(6),
  ]);
});

describe("what many tasks take beside their items", () => {
  test("is marked and stored once when it is large, and rides along when it is small", async () => {
    await using scene = await watched();
    const { client, backend } = scene;
    const read = (n: number, _: number, rows: Float64Array): number => n * rows.length;
    const found = client.map(read, [1, 2, 3, 4], { broadcast: large(1) });
    expect(await client.gather(found)).toEqual([10_000, 20_000, 30_000, 40_000]);
    const { marked, plain, inline } = scene.taken();
    expect([marked.length, plain, inline]).toEqual([1, [], 0]);
    expect(await Array.fromAsync(backend.store.list("tmp/"))).toMatchObject([{ key: marked[0] }]);
    for (const future of found) future.release();
    const small = client.map(read, [1, 2], { broadcast: new Float64Array(3000) });
    expect(await client.gather(small)).toEqual([3000, 6000]);
    expect(scene.taken()).toEqual({ marked: [], plain: [], inline: 2 });
    // One call each: no copy would be read twice.
    const each = client.map((rows: Float64Array) => rows.length, [large(2), large(3)]);
    expect(await client.gather(each)).toEqual([10_000, 10_000]);
    expect(scene.taken()).toEqual({ marked: [], plain: [], inline: 2 });
  });

  test("of a bag is marked: one value, and the small side of a join", async () => {
    await using scene = await watched();
    const numbers = fromSequence([1, 2, 3, 4], { partitions: 4 });
    const sums = numbers.map((n: number, rows: Float64Array) => n + rows.length, large(1));
    expect(await sums.compute()).toEqual([10_001, 10_002, 10_003, 10_004]);
    expect(scene.taken()).toMatchObject({ marked: { length: 1 }, plain: [] });
    const text = "x".repeat(50_000);
    const names = fromSequence([1, 3], { partitions: 2 }).map((id) => ({
      id,
      name: `${id}${text}`,
    }));
    const others = numbers.map((n) => n);
    const pairs = others.join(
      names,
      (n) => n,
      ({ id }) => id,
    );
    const starts = pairs.map(([n, { name }]) => `${n} ${name.slice(0, 2)}`);
    expect(await starts.compute()).toEqual(["1 1x", "3 3x"]);
    expect(scene.taken()).toMatchObject({ marked: { length: 2 }, plain: [] });
  });
});
