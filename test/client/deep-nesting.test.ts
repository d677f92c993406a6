import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import {
  bind,
  checkpoint,
  clone,
  compute,
  delayed,
  futuresOf,
  isLambdaskError,
  optimize,
  persist,
  waitOn,
} from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });
/** Far more than a stack of calls has room for. */
const levels = 20_000;
const inc = delayed((x: number) => x + 1);
const same = delayed((x: unknown) => x);

type Wrap = (inner: unknown, level: number) => unknown;
const wraps: readonly (readonly [string, Wrap])[] = [
  ["arrays", (inner) => [inner]],
  ["records", (inner) => ({ inner })],
  ["Maps", (inner) => new Map([["inner", inner]])],
  ["Sets", (inner) => new Set([inner])],
  ["all kinds, with something beside", (inner, i) => mixed(inner, i)],
];

function mixed(inner: unknown, i: number): unknown {
  if (i % 4 === 0) return [i, inner];
  if (i % 4 === 1) return { beside: i, inner };
  return i % 4 === 2 ? new Map([[i, inner]]) : new Set([inner]);
}

function nested(bottom: unknown, wrap: Wrap = (inner) => [inner], count: number = levels): unknown {
  let value = bottom;
  for (let i = 0; i < count; i++) value = wrap(value, i);
  return value;
}

/** What lies at the bottom of what `wrap` has wrapped; fails for anything else. */
function bottomOf(value: unknown, wrap: Wrap, count: number = levels): unknown {
  let at = value;
  for (let i = count - 1; i >= 0; i--) {
    const like = wrap(undefined, i) as object;
    if (Object.getPrototypeOf(at) !== Object.getPrototypeOf(like)) throw new Error(`level ${i}`);
    const items =
      at instanceof Map || at instanceof Set ? [...at.values()] : Object.values(at as object);
    if (
      at instanceof Map &&
      ![...at.keys()].includes([...(like as Map<unknown, unknown>).keys()][0])
    )
      throw new Error(`key at level ${i}`);
    if (items.length > 1 && items[0] !== i) throw new Error(`beside at level ${i}`);
    at = items.at(-1);
  }
  return at;
}

describe.each(wraps)("nested 20,000 deep in %s", (_, wrap) => {
  test("lazies are found in arguments, and their values put there", async () => {
    const value = await same(nested(inc(1), wrap)).compute();
    expect(bottomOf(value, wrap)).toBe(2);
  });

  test("collections are found by compute, and their values put there", async () => {
    const bag = fromSequence([1, 2, 3], { partitions: 2 });
    const [value] = await compute(nested([inc(1), bag], wrap) as unknown[]);
    expect(bottomOf(value, wrap)).toEqual([2, [1, 2, 3]]);
  });

  test("plain values go to tasks and come back", async () => {
    const value = await same(nested("bottom", wrap)).compute();
    expect(bottomOf(value, wrap)).toBe("bottom");
  });
});

describe.each(wraps.slice(0, 4))("nested 20,000 deep in %s", (_, wrap) => {
  test("futures are found by gather and futuresOf", async () => {
    const future = client.current.submit((n: number) => n * n, 7);
    const given = nested(future, wrap);
    expect(futuresOf(given)).toEqual([future]);
    const value: unknown = await client.current.gather(given as unknown[]);
    expect(bottomOf(value, wrap)).toBe(49);
  });

  test("collections are found by all that take them nested", async () => {
    const given = nested(inc(1), wrap) as unknown[];
    const [kept] = await persist(given);
    const found = [kept, optimize(given)[0], clone(given), bind(given, inc(5)), waitOn(given)];
    for (const one of found) {
      const lazy = bottomOf(one, wrap) as ReturnType<typeof inc>;
      expect(await lazy.compute()).toBe(2);
    }
    expect(await checkpoint(given).compute()).toBeNull();
  });
});

test("lazies that a task returns are computed however deep they lie", async () => {
  const count = 3000;
  const make = delayed((levels: number) => {
    let value: unknown = inc(1);
    for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { inner: value };
    return value;
  });
  const both: Wrap = (inner, i) => (i % 2 === 0 ? [inner] : { inner });
  expect(bottomOf(await make(count).compute(), both, count)).toBe(2);
  expect(bottomOf(await same(make(count)).compute(), both, count)).toBe(2);
});

test("100,000 levels are no more than 20,000", async () => {
  const value = await same(nested(inc(1), undefined, 100_000)).compute();
  expect(bottomOf(value, (inner) => [inner], 100_000)).toBe(2);
});

test("lists of delayed lists are a chain of any length", async () => {
  let list: unknown = inc(0);
  for (let i = 0; i < 10_000; i++) list = delayed([list]);
  const [value] = await compute(list as ReturnType<typeof inc>);
  expect(bottomOf(value, (inner) => [inner], 10_000)).toBe(1);
});

test("many lazies and data at all depths", async () => {
  let value: unknown = inc(0);
  for (let i = 1; i <= 1000; i++) value = [i % 3 === 0 ? inc(i) : { plain: i }, value];
  let at = await same(value).compute();
  for (let i = 1000; i >= 1; i--) {
    const [beside, inner] = at as [unknown, unknown];
    expect(beside).toEqual(i % 3 === 0 ? i + 1 : { plain: i });
    at = inner;
  }
  expect(at).toBe(1);
});

describe("a cycle, however long, is refused", () => {
  const ring: unknown[] = [inc(1)];
  ring.push(nested(ring));
  const lazyLast: unknown[] = [];
  lazyLast.push(nested(lazyLast), inc(1));
  test.each<[string, () => unknown]>([
    ["as an argument", () => same(ring)],
    ["of compute", () => compute(ring)],
    ["of persist", () => persist(ring)],
    ["of clone", () => clone(ring)],
    ["of futuresOf", () => futuresOf(ring)],
    ["of compute, before its lazy", () => compute(lazyLast)],
    [
      "of gather",
      () => {
        const around: unknown[] = [client.current.submit(() => 1)];
        around.unshift(nested(around));
        return client.current.gather(around);
      },
    ],
  ])("%s", async (_, call) => {
    const error = await errorOf(call);
    expect(isLambdaskError(error, "NOT_DATA") && error.message).toMatch(/cycle|lies in itself/);
  });
});

test("a function among lazies lies no deeper than it can travel, and what lies too deep is told", async () => {
  const call = delayed((value: unknown) => {
    let at = value as readonly [unknown, unknown];
    while (Array.isArray(at[0])) at = at[0] as unknown as readonly [unknown, unknown];
    return (at[0] as (n: unknown) => number)(at[1]);
  });
  const twice = (n: number): number => 2 * n;
  const some = await call(nested([twice, inc(1)], undefined, 190)).compute();
  expect(some).toBe(4);
  const error = await errorOf(() => call(nested([twice, inc(1)], undefined, 400)));
  expect(isLambdaskError(error, "NOT_DATA") && error.message).toMatch(
    /a function lies in more than 200/,
  );
});
