import { expectTypeOf, test } from "vitest";
import { type Bag, fromSequence, type PartitionRecords } from "../../src/bag.ts";
import { delayed } from "../../src/index.ts";

interface Person {
  readonly name: { readonly first: string };
  readonly age?: number | null;
}

const numbers = fromSequence([1, 2]);
const people = fromSequence<Person>([]);
const pairs = fromSequence<[string, number]>([]);
const mixed = fromSequence<string | number>([]);

test("map gives a function the records of other bags, and the values of other lazies and data", () => {
  const made = numbers.map(
    (n, text, value, data) => {
      expectTypeOf(n).toEqualTypeOf<number>();
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(value).toEqualTypeOf<Date>();
      expectTypeOf(data).toExtend<number>();
      return text;
    },
    fromSequence(["a"]),
    delayed(() => new Date())(),
    3,
  );
  expectTypeOf(made).toEqualTypeOf<Bag<string>>();
  numbers.map(
    (n, { when, list }) => {
      expectTypeOf(when).toEqualTypeOf<Date>();
      expectTypeOf(list[1]).toEqualTypeOf<string[]>();
      return n;
    },
    { when: delayed(() => new Date())(), list: [1, fromSequence(["a"])] as const },
  );
  expectTypeOf(numbers.map(Math.sqrt)).toEqualTypeOf<Bag<number>>();
  expectTypeOf(numbers.map(String)).toEqualTypeOf<Bag<string>>();
  // @ts-expect-error the other bag has numbers
  numbers.map((n, text: string) => n + text, numbers);
  // @ts-expect-error nothing is given for the second argument
  numbers.map((n, other: number) => n + other);
});

test("starmap spreads tuples", () => {
  expectTypeOf(pairs.starmap((text, n) => text.repeat(n))).toEqualTypeOf<Bag<string>>();
  const listed = numbers.map((n) => [n, "a"] as const).starmap((n, text) => [n, text] as const);
  expectTypeOf(listed).toEqualTypeOf<Bag<readonly [number, "a"]>>();
  const loose = fromSequence<readonly [number, string?]>([]);
  expectTypeOf(loose.starmap((n, text) => text ?? n)).toEqualTypeOf<Bag<string | number>>();
  const lists = fromSequence<readonly [Date, ...string[]]>([]);
  expectTypeOf(lists.starmap((when, ...texts) => [when, texts] as const)).toEqualTypeOf<
    Bag<readonly [Date, string[]]>
  >();
  expectTypeOf(pairs.starmap(async (text: string) => text)).toEqualTypeOf<Bag<string>>();
  // @ts-expect-error a function that needs more than the items
  pairs.starmap((text, n, more) => [text, n, more]);
  // @ts-expect-error numbers are no lists of arguments
  numbers.starmap((n: number) => n);
  // @ts-expect-error the second item is a number
  pairs.starmap((a: string, b: string) => a + b);
});

test("mapPartitions gives readers of partitions", () => {
  const made = numbers.mapPartitions(
    async function* (records, others, factor) {
      expectTypeOf(records).toEqualTypeOf<PartitionRecords<number>>();
      expectTypeOf(others).toEqualTypeOf<PartitionRecords<string | number>>();
      expectTypeOf(factor).toExtend<number>();
      for await (const n of records) yield `${n}`;
    },
    mixed,
    2,
  );
  expectTypeOf(made).toEqualTypeOf<Bag<string>>();
  expectTypeOf(numbers.mapPartitions(() => [1n])).toEqualTypeOf<Bag<bigint>>();
  // @ts-expect-error a number is no list of records
  numbers.mapPartitions(() => 1);
});

test("remove and compact narrow", () => {
  const isText = (value: unknown): value is string => typeof value === "string";
  expectTypeOf(mixed.remove(isText)).toEqualTypeOf<Bag<number>>();
  expectTypeOf(mixed.remove((value) => value === 1)).toEqualTypeOf<Bag<string | number>>();
  expectTypeOf(fromSequence<number | null | undefined>([]).compact()).toEqualTypeOf<Bag<number>>();
  expectTypeOf(people.compact("age").map(({ age }) => age)).toEqualTypeOf<Bag<number>>();
  // @ts-expect-error no such key
  people.compact("size");
});

test("pluck knows what lies at keys and paths", () => {
  expectTypeOf(people.pluck("age")).toEqualTypeOf<Bag<number | null | undefined>>();
  expectTypeOf(people.pluck("age", { default: "?" })).toEqualTypeOf<Bag<number | "?" | null>>();
  expectTypeOf(people.pluck(["name", "first"])).toEqualTypeOf<Bag<string>>();
  expectTypeOf(pairs.pluck(1)).toEqualTypeOf<Bag<number>>();
  // @ts-expect-error no such key
  people.pluck("size");
  // @ts-expect-error no such path
  people.pluck(["name", "last"]);
  // @ts-expect-error numbers have no such thing
  numbers.pluck(["a"]);
});

test("what brings bags together", () => {
  expectTypeOf(numbers.zip(mixed, pairs)).toEqualTypeOf<
    Bag<[record: number, string | number, [string, number]]>
  >();
  expectTypeOf(numbers.concat(fromSequence(["a"]))).toEqualTypeOf<Bag<string | number>>();
  expectTypeOf(numbers.product(pairs)).toEqualTypeOf<
    Bag<[record: number, other: [string, number]]>
  >();
  const [texts, counts] = pairs.unzip(2);
  expectTypeOf(texts).toEqualTypeOf<Bag<string>>();
  expectTypeOf(counts).toEqualTypeOf<Bag<number>>();
  // @ts-expect-error neither partitions nor bytes are said
  numbers.repartition({});
  // @ts-expect-error one of the two
  numbers.repartition({ partitions: 2, bytes: 100 });
  // @ts-expect-error an array is no bag
  numbers.zip([1, 2]);
  // @ts-expect-error pairs have two items
  pairs.unzip(3);
});

test("what keeps the records keeps their type", () => {
  expectTypeOf(people.repartition({ bytes: "1 MiB" })).toEqualTypeOf<Bag<Person>>();
  expectTypeOf(people.sample(1, { seed: 2 })).toEqualTypeOf<Bag<Person>>();
  expectTypeOf(people.choices(1)).toEqualTypeOf<Bag<Person>>();
  expectTypeOf(people.randomSample(0.5)).toEqualTypeOf<Bag<Person>>();
  // @ts-expect-error a number is no record of options
  people.repartition(3);
});
