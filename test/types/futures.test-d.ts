import { describe, expectTypeOf, test } from "vitest";
import type { Bag } from "../../src/bag.ts";
import {
  asCompleted,
  type Client,
  type Completed,
  type Delayed,
  type Future,
  type Lease,
  span,
  wait,
} from "../../src/index.ts";

declare const client: Client;
declare const numbers: Future<number>[];
declare const text: Future<string>;

describe("mapped calls", () => {
  test("take an item of each list, the index, and what is broadcast", () => {
    const add = (x: number, y: string): string => y.repeat(x);
    expectTypeOf(client.map(add, [1], ["a"])).toEqualTypeOf<Future<string>[]>();
    expectTypeOf(client.map(add, numbers, [text], { name: "add" })).toEqualTypeOf<
      Future<string>[]
    >();
    client.map(
      (x: number, index) => {
        expectTypeOf(index).toEqualTypeOf<number>();
        return x;
      },
      [1],
    );
    expectTypeOf(
      client.map((at: number, _, rows: boolean[]) => rows[at], [1], { broadcast: [true] }),
    ).toEqualTypeOf<Future<boolean | undefined>[]>();
    expectTypeOf(
      client.map((a: number, b: string, c: boolean) => [a, b, c] as const, [1], ["b"], [true]),
    ).toEqualTypeOf<Future<readonly [number, string, boolean]>[]>();
    // @ts-expect-error a text is no number
    client.map((x: number, y: number) => x + y, [1], ["2"]);
    // @ts-expect-error nor is what is broadcast
    client.map((x: number, _: number, by: number) => x + by, [1], { broadcast: "2" });
    // @ts-expect-error no such option
    client.map((x: number) => x, [1], { retry: 1 });
  });
});

describe("gathered values", () => {
  test("have the shape of what holds the futures", () => {
    expectTypeOf(client.gather(numbers)).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.gather(text)).toEqualTypeOf<Promise<string>>();
    const nested = { a: numbers, b: new Map([["k", text]]), c: [text, numbers] as const };
    expectTypeOf(client.gather(nested)).toEqualTypeOf<
      Promise<{ a: number[]; b: Map<string, string>; c: [string, number[]] }>
    >();
    expectTypeOf(client.gather(new Set([text]))).toEqualTypeOf<Promise<Set<string>>>();
    expectTypeOf(client.gather(numbers, { errors: "skip" })).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(client.gather({ text }, { errors: "skip" })).toEqualTypeOf<
      Promise<{ text: string | undefined }>
    >();
    expectTypeOf(client.gather([text, 5])).toEqualTypeOf<Promise<(string | number)[]>>();
    interface Prices {
      readonly pear: typeof text;
      readonly count: number;
    }
    expectTypeOf(client.gather({} as Prices)).toEqualTypeOf<
      Promise<{ pear: string; count: number }>
    >();
    const beside = { bytes: new Uint8Array(1), raw: new ArrayBuffer(1), error: new Error("x") };
    expectTypeOf(client.gather({ text, beside })).toEqualTypeOf<
      Promise<{ text: string; beside: typeof beside }>
    >();
    expectTypeOf(client.gather([beside], { errors: "skip" })).toEqualTypeOf<
      Promise<(typeof beside)[]>
    >();
    // @ts-expect-error a number is no future
    void client.gather(5);
    // @ts-expect-error nor is text
    void client.gather("text", { errors: "skip" });
    // @ts-expect-error no such way
    void client.gather(numbers, { errors: "ignore" });
  });
});

describe("scattered values", () => {
  test("are futures in the same places", () => {
    expectTypeOf(client.scatter([1, 2])).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(client.scatterAll({ a: 1, b: "b" })).toEqualTypeOf<{
      a: Future<number>;
      b: Future<string>;
    }>();
    expectTypeOf(client.scatterAll([1, 2])).toEqualTypeOf<Future<number>[]>();
    expectTypeOf(client.scatterAll(new Map([["k", true]]))).toEqualTypeOf<
      Map<string, Future<boolean>>
    >();
    expectTypeOf(client.scatter("a", { broadcast: true })).toEqualTypeOf<Future<string>>();
    expectTypeOf(client.scatter("a", undefined)).toEqualTypeOf<Future<string>>();
    expectTypeOf(client.scatterAll([1], { broadcast: false })).toEqualTypeOf<Future<number>[]>();
    const inside = client.scatter({ one: client.scatter(1), list: [{} as Delayed<string>] });
    expectTypeOf(inside).toEqualTypeOf<Future<{ one: number; list: string[] }>>();
    expectTypeOf(client.scatterAll([client.scatter(1)])).toEqualTypeOf<Future<number>[]>();
    // @ts-expect-error a value is missing
    client.scatter();
    // @ts-expect-error one value, and then options
    client.scatter(1, 2);
    // @ts-expect-error no such option
    client.scatter(1, { hash: true });
    // @ts-expect-error no flag
    client.scatterAll([1], { broadcast: "yes" });
    // @ts-expect-error a number holds no values
    client.scatterAll(5);
  });
});

test("collections become futures of their values", () => {
  const [one, many] = client.compute({} as Delayed<number>, {} as Bag<string>);
  expectTypeOf(one).toEqualTypeOf<Future<number>>();
  expectTypeOf(many).toEqualTypeOf<Future<string[]>>();
});

test("completions are futures, or what became of them", async () => {
  for await (const future of asCompleted(numbers))
    expectTypeOf(future).toEqualTypeOf<Future<number>>();
  for await (const each of asCompleted(numbers, { withResults: true })) {
    expectTypeOf(each).toEqualTypeOf<Completed<number>>();
    if (each.status === "finished") expectTypeOf(each.value).toEqualTypeOf<number>();
    else expectTypeOf(each.error).toBeUnknown();
  }
  for await (const batch of asCompleted([text]).batches()) {
    expectTypeOf(batch).toEqualTypeOf<readonly Future<string>[]>();
  }
  // @ts-expect-error a future of a text is not of a number
  asCompleted(numbers).add(text);
  expectTypeOf((await wait([text])).done).toEqualTypeOf<readonly Future<string>[]>();
});

test("locks give a lease, or none in time; variables keep their type; spans give what their function gives", async () => {
  expectTypeOf(client.lock("x").acquire()).toEqualTypeOf<Promise<Lease>>();
  expectTypeOf(client.lock("x").acquire({ timeoutMs: 5 })).toEqualTypeOf<
    Promise<Lease | undefined>
  >();
  const count = client.variable<number>("n");
  expectTypeOf(await count.get()).toEqualTypeOf<number | undefined>();
  // @ts-expect-error a text is no number
  void count.set("1");
  expectTypeOf(span("a", () => 5)).toEqualTypeOf<number>();
  // @ts-expect-error a span holds what a function writes
  span("a");
});
