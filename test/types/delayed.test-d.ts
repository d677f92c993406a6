import { describe, expectTypeOf, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import type { Client } from "../../src/index.ts";
import {
  annotate,
  bind,
  checkpoint,
  clone,
  compute,
  currentAnnotations,
  type Delayed,
  delayed,
  type Future,
  isLazy,
  type Lazy,
  optimize,
  persist,
  tokenize,
  visualize,
  waitOn,
} from "../../src/index.ts";

const add = delayed((a: number, b: number) => a + b);
const load = delayed(async (path: string) => [{ path, rows: 3 }]);

describe("delayed functions", () => {
  test("take values or lazies of their arguments' types, and give the awaited result", () => {
    expectTypeOf(add(1, add(2, 3))).toEqualTypeOf<Delayed<number>>();
    expectTypeOf(load("a").compute()).toEqualTypeOf<Promise<{ path: string; rows: number }[]>>();
    // @ts-expect-error a text is no number
    add("1", 2);
    // @ts-expect-error nor is a lazy text
    add(delayed((x: string) => x)("1"), 2);
  });

  test("take containers with lazies inside", () => {
    const total = delayed((rows: readonly { n: number; tags: Set<string> }[]) => rows.length);
    const tag = delayed((x: string) => x);
    total([
      { n: add(1, 2), tags: new Set([tag("a"), "b"]) },
      { n: 1, tags: new Set<string>() },
    ]);
    // @ts-expect-error a lazy text in place of a number
    total([{ n: tag("x"), tags: new Set<string>() }]);
  });

  test("keep rest and optional parameters", () => {
    const join = delayed((separator: string, ...parts: string[]) => parts.join(separator));
    expectTypeOf(join("-", "a", join("-"))).toEqualTypeOf<Delayed<string>>();
    const pad = delayed((text: string, width?: number) => text.padStart(width ?? 2));
    expectTypeOf(pad("a").compute()).toEqualTypeOf<Promise<string>>();
  });

  test("see through lazies that they return", () => {
    const again = delayed((n: number) => add(n, 1));
    expectTypeOf(again(1).compute()).toEqualTypeOf<Promise<number>>();
    const list = delayed((n: number) => [add(n, 1)]);
    expectTypeOf(list(1).compute()).toEqualTypeOf<Promise<number[]>>();
  });
});

describe("delayed results", () => {
  test("have the attributes and methods of the value, lazily", () => {
    const rows = load("a");
    expectTypeOf(rows.length).toEqualTypeOf<Delayed<number>>();
    expectTypeOf(delayed("a-b").split("-").compute()).toEqualTypeOf<Promise<string[]>>();
    // @ts-expect-error no such attribute
    void add(1, 2).nothing;
  });

  test("with nout are tuples", () => {
    const pair = delayed((x: number): [number, string] => [x, "a"], { nout: 2 });
    const [n, s] = pair(1);
    expectTypeOf(n.compute()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(s.compute()).toEqualTypeOf<Promise<string>>();
  });

  test("cannot be assigned to", () => {
    const rows = load("a");
    // @ts-expect-error read only
    rows.length = add(1, 2);
  });

  test("are no promises", () => {
    expectTypeOf(add(1, 2)).not.toExtend<PromiseLike<unknown>>();
  });
});

describe("compute and persist", () => {
  test("keep each argument's type", () => {
    expectTypeOf(compute(add(1, 2), load("a"))).resolves.toEqualTypeOf<
      [number, { path: string; rows: number }[]]
    >();
    expectTypeOf(compute([add(1, 2)], { retries: 1 })).resolves.toEqualTypeOf<[number[]]>();
    expectTypeOf(compute(5 as number, add(1, 2), null)).resolves.toEqualTypeOf<
      [number, number, null]
    >();
    // @ts-expect-error a function that is not called
    void compute(add);
    // @ts-expect-error a promise that is not awaited
    void compute(Promise.resolve(1));
  });

  test("take whatever data lies beside what is computed", () => {
    interface Row {
      readonly name: string;
      readonly sum?: Delayed<number>;
    }
    interface Plain {
      readonly name: string;
    }
    expectTypeOf(compute(new Uint8Array(1), /x/, add(1, 2))).resolves.toEqualTypeOf<
      [Uint8Array<ArrayBuffer>, RegExp, number]
    >();
    expectTypeOf(compute(new ArrayBuffer(1), new RangeError("x"))).resolves.toEqualTypeOf<
      [ArrayBuffer, RangeError]
    >();
    expectTypeOf(compute({} as Plain, new Date(), { retries: 1 })).resolves.toEqualTypeOf<
      [Plain, Date]
    >();
    const likeError = { name: "a", message: "b", sum: add(1, 2) };
    expectTypeOf(compute([likeError])).resolves.toEqualTypeOf<
      [{ name: string; message: string; sum: number }[]]
    >();
    expectTypeOf(compute({} as Row)).resolves.toEqualTypeOf<
      [{ readonly name: string; readonly sum?: number }]
    >();
    expectTypeOf(compute([add(1, 2), /x/, new Uint8Array(1)] as const)).resolves.toEqualTypeOf<
      [readonly [number, RegExp, Uint8Array<ArrayBuffer>]]
    >();
  });

  test("keep the types of what is in lists, records, Maps and Sets", () => {
    const nested = compute(
      { sum: add(1, 2), all: [{ rows: load("a") }] },
      new Map([["k", add(1, 2)]]),
      {
        retries: 1,
      },
    );
    expectTypeOf(nested).resolves.toEqualTypeOf<
      [{ sum: number; all: { rows: { path: string; rows: number }[] }[] }, Map<string, number>]
    >();
    expectTypeOf(compute([{ sum: add(1, 2) }])).resolves.toEqualTypeOf<[{ sum: number }[]]>();
    expectTypeOf(compute(waitOn({ sum: add(1, 2) }))).resolves.toEqualTypeOf<[{ sum: number }]>();
  });

  test("know what is in containers that a delayed function returns", () => {
    const both = delayed((n: number) => ({
      sum: add(n, n),
      when: new Date(),
      set: new Set([add(1, n)]),
    }));
    expectTypeOf(both(1).compute()).resolves.toEqualTypeOf<{
      sum: number;
      when: Date;
      set: Set<number>;
    }>();
    interface Tree {
      readonly name: string;
      readonly parts: readonly Tree[];
    }
    expectTypeOf(delayed((tree: Tree) => tree)({} as Tree)).toEqualTypeOf<Delayed<Tree>>();
    type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
    const same = delayed((json: Json) => json);
    expectTypeOf(same([1, same(2), { a: [same(3)] }]).compute()).resolves.toEqualTypeOf<Json>();
  });

  test("give value or error with onError: collect", () => {
    const collected = compute(add(1, 2), { onError: "collect" });
    expectTypeOf(collected).resolves.toEqualTypeOf<
      [
        | { readonly value: number; readonly error?: never }
        | { readonly error: unknown; readonly value?: never },
      ]
    >();
  });

  test("persist gives the same kinds", () => {
    expectTypeOf(persist(add(1, 2))).resolves.toEqualTypeOf<[Delayed<number>]>();
  });
});

describe("futures", () => {
  test("carry the awaited result's type", () => {
    const use = (client: Client): void => {
      expectTypeOf(client.submit((x: number) => `${x}`, 1)).toEqualTypeOf<Future<string>>();
      expectTypeOf(client.map(async (x: number) => x, [1])).toEqualTypeOf<Future<number>[]>();
      expectTypeOf(client.submit(() => add(1, 2))).toEqualTypeOf<Future<number>>();
      expectTypeOf(client.scatter("a")).toEqualTypeOf<Future<string>>();
      const one = client.submit((x: number) => x, 1);
      client.submit((x: number) => x, one);
      // @ts-expect-error a text is no number
      client.submit((x: number) => x, "a");
      expectTypeOf(client.gather([one])).resolves.toEqualTypeOf<number[]>();
    };
    expectTypeOf(use).toBeFunction();
  });
});

describe("collections together", () => {
  const numbers = fromSequence([1, 2]);

  test("keep their kinds when they are bound, cloned or optimized", () => {
    expectTypeOf(bind(add(1, 2), numbers)).toEqualTypeOf<Delayed<number>>();
    expectTypeOf(bind({ sum: add(1, 2), numbers }, [add(1, 2)], { seed: 1 })).toEqualTypeOf<{
      sum: Delayed<number>;
      numbers: Bag<number>;
    }>();
    expectTypeOf(clone(numbers)).toEqualTypeOf<Bag<number>>();
    expectTypeOf(clone(numbers, { omit: numbers, seed: "a" })).toEqualTypeOf<Bag<number>>();
    const [first, second] = clone(numbers, load("a"));
    expectTypeOf(first).toEqualTypeOf<Bag<number>>();
    expectTypeOf(second.compute()).toEqualTypeOf<Promise<{ path: string; rows: number }[]>>();
    const [one, other] = optimize(add(1, 2), numbers);
    expectTypeOf(one).toEqualTypeOf<Delayed<number>>();
    expectTypeOf(other).toEqualTypeOf<Bag<number>>();
    // @ts-expect-error a number is no collection
    bind(1, numbers);
    // @ts-expect-error nor can it be a parent
    bind(numbers, 1);
    // @ts-expect-error a seed is a text or a number
    clone(numbers, { seed: true });
    expectTypeOf(optimize([numbers])).toEqualTypeOf<[Bag<number>[]]>();
    // @ts-expect-error a number is no collection
    optimize(1);
    expectTypeOf(persist([numbers], add(1, 2), { retries: 1 })).resolves.toEqualTypeOf<
      [Bag<number>[], Delayed<number>]
    >();
  });

  test("become delayed values only where they were futures", () => {
    const use = (future: Future<string>): void => {
      expectTypeOf(waitOn(add(1, 2))).toEqualTypeOf<Delayed<number>>();
      const [later, bag, list] = waitOn(future, numbers, [future] as const);
      expectTypeOf(later).toEqualTypeOf<Delayed<string>>();
      expectTypeOf(bag).toEqualTypeOf<Bag<number>>();
      expectTypeOf(list).toEqualTypeOf<readonly [Delayed<string>]>();
      expectTypeOf(checkpoint(future, numbers)).toEqualTypeOf<Delayed<null>>();
      // @ts-expect-error a number is no collection
      checkpoint(1);
    };
    expectTypeOf(use).toBeFunction();
  });

  test("are told from other values, named and drawn", () => {
    const value: unknown = numbers;
    if (isLazy(value)) expectTypeOf(value).toEqualTypeOf<Lazy>();
    expectTypeOf(tokenize(value, { strict: true })).toEqualTypeOf<string>();
    expectTypeOf(visualize(numbers, [add(1, 2)])).toEqualTypeOf<string>();
    // @ts-expect-error no such option
    tokenize(value, { strickt: true });
    expectTypeOf(annotate({ retries: 1 }, () => add(1, 2))).toEqualTypeOf<Delayed<number>>();
    expectTypeOf(currentAnnotations().memory).toEqualTypeOf<number | string | undefined>();
  });
});
