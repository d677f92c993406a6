import { expect, test } from "vitest";
import { delayed, type Future, futuresOf } from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const client = sharedClient({ inline: true });

/** Futures of these numbers; of negative ones, futures that fail. */
function futures(values: readonly number[]): Future<number>[] {
  return client.current.map((n: number) => {
    if (n < 0) throw new RangeError(`below zero: ${n}`);
    return n;
  }, values);
}

const at = (list: readonly Future<number>[], i: number): Future<number> => {
  const future = list[i];
  if (!future) throw new Error(`no future ${i}`);
  return future;
};

test("gather gives values in containers like those of the futures, at any depth", async () => {
  const [one, two, three] = futures([1, 2, 3]) as [Future<number>, Future<number>, Future<number>];
  expect(await client.current.gather(one)).toBe(1);
  expect(await client.current.gather([[one], [two, [three]]])).toEqual([[1], [2, [3]]]);
  const nested = { a: one, b: { c: [two] }, d: new Map([["k", three]]), e: new Set([one, two]) };
  expect(await client.current.gather(nested)).toEqual({
    a: 1,
    b: { c: [2] },
    d: new Map([["k", 3]]),
    e: new Set([1, 2]),
  });
  function* each(): Generator<Future<number>> {
    yield one;
    yield two;
  }
  expect(await client.current.gather(each())).toEqual([1, 2]);
  expect(await client.current.gather([])).toEqual([]);
  expect(await client.current.gather({})).toEqual({});
});

test("gather rejects with the first error in order, and skips errors if asked to", async () => {
  const list = futures([1, -2, 3, -4]);
  expect(await errorOf(() => client.current.gather(list))).toMatchObject({
    cause: { message: "below zero: -2" },
  });
  expect(await client.current.gather(list, { errors: "skip" })).toEqual([1, 3]);
  const nested = {
    good: at(list, 0),
    bad: at(list, 1),
    list: [at(list, 3), at(list, 2)],
    map: new Map([
      ["x", at(list, 1)],
      ["y", at(list, 2)],
    ]),
    set: new Set([at(list, 0), at(list, 3)]),
  };
  expect(await client.current.gather(nested, { errors: "skip" })).toEqual({
    good: 1,
    list: [3],
    map: new Map([["y", 3]]),
    set: new Set([1]),
  });
  expect(await client.current.gather(at(list, 1), { errors: "skip" })).toBeUndefined();
});

test("gather keeps values that are undefined", async () => {
  const nothing = client.current.submit(() => undefined);
  const bad = at(futures([-1]), 0);
  expect(await client.current.gather([nothing, bad], { errors: "skip" })).toEqual([undefined]);
});

test("gather gives plain data beside futures as it is", async () => {
  const [one, bad] = futures([1, -1]) as [Future<number>, Future<number>];
  const plain = { n: 5, text: "a", nothing: null, none: undefined, big: 2n, sure: false };
  const objects = {
    day: new Date(5),
    pattern: /a/g,
    bytes: new Uint8Array([1, 2]),
    error: new Error("e"),
  };
  expect(await client.current.gather([one, 5, { plain, objects }])).toEqual([
    1,
    5,
    { plain, objects },
  ]);
  expect(await client.current.gather([bad, 5, null], { errors: "skip" })).toEqual([5, null]);
  expect(await client.current.gather(new Map([["k", 5]]))).toEqual(new Map([["k", 5]]));
});

test("gather gives containers without futures as the very same objects, and leaves them alone", async () => {
  const [one, bad] = futures([1, -1]) as [Future<number>, Future<number>];
  const list = [1, { deep: [2] }];
  const record = Object.freeze({ list, map: new Map([["k", list]]), set: new Set([list]) });
  const given = { one, list, beside: [record, one], failed: new Map([["x", bad]]) };
  const gathered = await client.current.gather(given, { errors: "skip" });
  expect(gathered).toEqual({ one: 1, list, beside: [record, 1], failed: new Map() });
  expect(gathered.list).toBe(list);
  expect(gathered.beside[0]).toBe(record);
  expect(await client.current.gather(record)).toBe(record);
  const ring: unknown[] = [];
  ring.push(ring);
  expect((await client.current.gather([one, ring]))[1]).toBe(ring);
});

test("gather makes lists of other iterables wherever they lie, in order", async () => {
  const [a, b, c] = futures([-1, 2, -3]) as [Future<number>, Future<number>, Future<number>];
  function* each(): Generator<unknown> {
    yield [b];
    yield plain();
    yield a;
  }
  function* plain(): Generator<number> {
    yield 7;
  }
  const given = [{ inner: each() }, c];
  expect(await client.current.gather(given, { errors: "skip" })).toEqual([{ inner: [[2], [7]] }]);
  expect(await errorOf(() => client.current.gather([{ inner: each() }, c]))).toMatchObject({
    cause: { message: "below zero: -1" },
  });
  function* wrong(): Generator<unknown> {
    yield b;
    yield { at: [delayed(1)] };
  }
  expect(() => client.current.gather([c, wrong()])).toThrow(
    /client\.gather: item 1: item 1: item at: item 0: expected a Future/,
  );
});

test("gather gives what was given, also if that changes in the meantime", async () => {
  const [one, two] = futures([1, 2]) as [Future<number>, Future<number>];
  const later = client.current.submit(() => 3);
  const list: unknown[] = [one, 5];
  const gathering = client.current.gather({ list });
  list.push(later);
  list[0] = two;
  expect(await gathering).toEqual({ list: [1, 5] });
});

test("gather gives each place the value of a future that lies there twice", async () => {
  const [one] = futures([1]) as [Future<number>];
  const shared = [one];
  expect(await client.current.gather([one, shared, { shared }, one])).toEqual([
    1,
    [1],
    { shared: [1] },
    1,
  ]);
});

test("gather refuses what is no future, with its place, at once", () => {
  const [one] = futures([1]);
  expect(() => client.current.gather(5 as never)).toThrow(/client\.gather: expected a Future/);
  for (const wrong of [delayed(1), new (class Holder {})(), () => one]) {
    expect(() => client.current.gather([one, wrong])).toThrow(
      /client\.gather: item 1: expected a Future.* or plain data/,
    );
  }
  expect(() => client.current.gather({ a: [one, Promise.resolve(1)] })).toThrow(/item a: item 1/);
  expect(() => client.current.gather([one], { errors: "ignore" as never })).toThrow(
    /client\.gather: errors/,
  );
  const cycle: unknown[] = [];
  cycle.push(cycle, one);
  expect(() => client.current.gather(cycle)).toThrow(/a cycle/);
});

test("futuresOf finds each future once, in order, also below delayed calls", () => {
  const [one, two, three] = futures([1, 2, 3]) as [Future<number>, Future<number>, Future<number>];
  const add = delayed((a: number, b: number) => a + b);
  const sum = add(add(one, 1), two);
  expect(futuresOf({ x: [two], y: new Map([[1, three]]) }, two)).toEqual([two, three]);
  expect(futuresOf([sum, three, sum])).toEqual([one, two, three]);
  expect(futuresOf(5, null, [], new Uint8Array(3))).toEqual([]);
});
