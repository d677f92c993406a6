import { expectTypeOf, test } from "vitest";
import { type Bag, fromSequence, type Item } from "../../src/bag.ts";
import { type Client, type Delayed, delayed } from "../../src/index.ts";

declare const client: Client;

test("what is published has the type that its reader says", () => {
  expectTypeOf(client.published<Bag<string>>("words")).resolves.toEqualTypeOf<Bag<string>>();
  expectTypeOf(client.published<Item<number>>("sum")).resolves.toEqualTypeOf<Item<number>>();
  expectTypeOf(client.published<Delayed<Date>>("when")).resolves.toEqualTypeOf<Delayed<Date>>();
  // @ts-expect-error: nothing else is published.
  void client.published<number>("n");
});

test("collections are published, and nothing else", () => {
  expectTypeOf(client.publish("words", fromSequence(["a"]))).resolves.toBeVoid();
  expectTypeOf(
    client.publish("sum", fromSequence([1]).sum(), { replace: true }),
  ).resolves.toBeVoid();
  expectTypeOf(client.publish("n", delayed((n: number) => n)(1))).resolves.toBeVoid();
  expectTypeOf(client.publishedNames()).resolves.toEqualTypeOf<string[]>();
  // @ts-expect-error: an array is no collection.
  void client.publish("words", ["a"]);
  // @ts-expect-error: no such option.
  void client.publish("words", fromSequence(["a"]), { overwrite: true });
});
