import { describe, expect, test } from "vitest";
import type { Computable } from "../../src/client/computable.ts";
import {
  bind,
  clone,
  compute,
  delayed,
  futuresOf,
  optimize,
  persist,
  tokenize,
  waitOn,
} from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
/** So many that nothing could go through all places. */
const levels = 60;
const inc = delayed((x: number) => x + 1);
const same = delayed((x: unknown) => x);

/** `bottom` in 2 ** `count` places. */
function doubled(bottom: unknown, count: number = levels): unknown[] {
  let value: unknown = bottom;
  for (let i = 0; i < count; i++) {
    value =
      i % 3 === 0
        ? { a: value, b: value }
        : i % 3 === 1
          ? [value, value]
          : new Map([[i, [value, value]]]);
  }
  return [value, value];
}

/** What lies at the end of the last way down, and how many levels down that is. */
function lastOf(value: unknown): { readonly bottom: unknown; readonly down: number } {
  let at = value;
  for (let down = 0; ; down++) {
    if (Array.isArray(at)) at = at.at(-1);
    else if (at instanceof Map) at = [...at.values()].at(-1);
    else if (typeof at === "object" && at !== null && "b" in at) at = at.b;
    else return { bottom: at, down };
  }
}

const { down } = lastOf(doubled(5));

describe("lazies in what lies in many places", () => {
  test("are computed, and the parts are shared as they were", async () => {
    const [result] = await compute(doubled(inc(4)));
    expect(lastOf(result)).toEqual({ bottom: 5, down });
    expect(result[0]).toBe(result[1]);
  });

  test("are gathered", async () => {
    const future = client.current.submit((x: number) => x, 5);
    const result = (await client.current.gather(doubled(future))) as unknown[];
    expect(lastOf(result)).toEqual({ bottom: 5, down });
    expect(result[0]).toBe(result[1]);
    expect(futuresOf(doubled(future))).toEqual([future]);
    expect(futuresOf(doubled(same(future)))).toEqual([future]);
  });

  test("are found by all that makes collections of collections", async () => {
    const given = doubled(inc(4)) as unknown as Computable;
    const all = [clone(given), waitOn(given), bind(given, inc(1)), optimize(given)[0]];
    all.push((await persist(given))[0]);
    for (const made of all) {
      const { bottom } = lastOf(made);
      expect(lastOf(made).down).toBe(down);
      expect(await (bottom as ReturnType<typeof inc>).compute()).toBe(5);
    }
  });

  test("are arguments as long as all places can be written", async () => {
    const few = await same(doubled(inc(4), 5)).compute();
    expect(few).toEqual(doubled(5, 5));
    for (const bottom of [inc(4), () => 5]) {
      const error = await errorOf(() => same(doubled(bottom)));
      expect(error).toMatchObject({ code: "LIMIT" });
      expect(String(error)).toContain("10000000 items");
    }
  });

  test("have one token with what is equal", () => {
    expect(tokenize(doubled(inc(4)))).toBe(tokenize(doubled(inc(4))));
    expect(tokenize(doubled(inc(4)))).not.toBe(tokenize(doubled(inc(5))));
  });
});

describe("data in which parts lie in many places", () => {
  test("stays in the program, whatever it is", async () => {
    const data = doubled([5]);
    const [result, mixed] = await compute(data, { data, two: inc(1) });
    expect(result).toBe(data);
    expect(mixed.two).toBe(2);
    expect(mixed.data).toBe(data);
  });

  test("is refused at the call where it cannot be written, and at the task that returns it", async () => {
    const data = doubled([5]);
    const calls: readonly (() => unknown)[] = [
      () => same(data),
      () => same([data, inc(1)]),
      () => client.current.submit((x: unknown) => x, data),
      () => client.current.map((x: unknown) => x, [data]),
      () => client.current.scatter(data),
      () => client.current.scatterAll([data]),
    ];
    for (const call of calls) {
      const error = await errorOf(call);
      expect(error).toMatchObject({ code: "LIMIT" });
      expect(String(error)).toContain("4 GiB");
    }
    const made = delayed((count: number) => {
      let value: unknown = [5];
      for (let i = 0; i < count; i++) value = [value, value];
      return value;
    })(levels);
    expect(await errorOf(() => made.compute())).toMatchObject({ code: "LIMIT" });
  });

  test("is captured by functions as it is", async () => {
    const data = doubled([5]);
    expect(await delayed(() => [data[0] === data[1], data.length])().compute()).toEqual([true, 2]);
  });
});
