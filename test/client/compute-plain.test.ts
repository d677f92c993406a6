import { expect, test } from "vitest";
import { compute, delayed } from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
const inc = delayed((n: number) => n + 1);

/** What no worker could be sent. */
class Handle {
  readonly #open = true;
  isOpen(): boolean {
    return this.#open;
  }
}

test("compute gives what holds no lazy as the very same object", async () => {
  const list = [1, { deep: [2] }];
  const bytes = new Uint8Array([1, 2]);
  const record = Object.freeze({ list, map: new Map([[list, "k"]]), set: new Set([list]) });
  const [whole, plain, mixed] = await compute(list, record, {
    two: inc(1),
    record,
    more: [bytes, inc(2), list],
  });
  expect(whole).toBe(list);
  expect(plain).toBe(record);
  expect(mixed).toEqual({ two: 2, record, more: [bytes, 3, list] });
  expect(mixed.record).toBe(record);
  expect(mixed.more[0]).toBe(bytes);
  expect(mixed.more[2]).toBe(list);
});

test("what stands beside lazies goes nowhere, so it need not be data", async () => {
  const beside = [new Handle(), new URL("https://example.org"), Promise.resolve(5), () => 1];
  const ring: unknown[] = [];
  ring.push(ring);
  const [computed, handle] = await compute([inc(1), ...beside, ring], beside[0] as unknown as Date);
  expect(computed[0]).toBe(2);
  for (const [i, given] of [...beside, ring].entries()) expect(computed[i + 1]).toBe(given);
  expect((handle as unknown as Handle).isOpen()).toBe(true);
  // A task sees its arguments on another machine, so they must be data as before.
  const error = await errorOf(() => delayed((x: unknown) => x)([inc(1), new Handle()]));
  expect(error).toMatchObject({ code: "NOT_DATA" });
});

test("what holds lazies is made again, and the given containers stay as they are", async () => {
  const one = inc(0);
  const shared = [one];
  const given = { shared, map: new Map<unknown, unknown>([[one, shared]]), set: new Set([one]) };
  const [computed] = await compute(given);
  expect(computed).toEqual({ shared: [1], map: new Map([[1, [1]]]), set: new Set([1]) });
  expect(given.shared).toBe(shared);
  expect(shared).toEqual([one]);
});

test("what changes in a container after the call changes nothing", async () => {
  const list: unknown[] = [inc(1), 5];
  const record: Record<string, unknown> = { list, one: inc(0) };
  const computing = compute([record, list]);
  list.push(inc(7));
  list[1] = inc(8);
  record["two"] = inc(9);
  expect(await computing).toEqual([[{ list: [2, 5], one: 1 }, [2, 5]]]);
});

test("with onError: collect, each argument tells the first error in it", async () => {
  const fail = delayed((text: string): number => {
    throw new RangeError(text);
  });
  const plain = [1];
  const [good, bad, beside] = await compute(
    [inc(1), plain],
    { a: [inc(1)], b: fail("first"), c: fail("second") },
    plain,
    { onError: "collect" },
  );
  expect(good.error === undefined && good.value?.[1]).toBe(plain);
  expect(bad.error).toMatchObject({ cause: { message: "first" } });
  expect(beside.error === undefined && beside.value).toBe(plain);
  expect(client.current.info().activeRuns).toBe(0);
});
