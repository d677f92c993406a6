import { expectTypeOf, test } from "vitest";
import {
  type Bag,
  fromDelayed,
  fromMap,
  fromSequence,
  type Item,
  range,
  readJsonLines,
  readText,
} from "../../src/bag.ts";
import { compute, type Delayed, delayed } from "../../src/index.ts";

interface Dog {
  readonly kind: "dog";
  readonly age: number;
}
interface Cat {
  readonly kind: "cat";
  readonly lives: number;
}

const pets = fromSequence<Dog | Cat>([]);
const isDog = (pet: Dog | Cat): pet is Dog => pet.kind === "dog";

test("records have the type of what they were made from", () => {
  expectTypeOf(fromSequence([1, 2])).toEqualTypeOf<Bag<number>>();
  expectTypeOf(readText("x")).toEqualTypeOf<Bag<string>>();
  expectTypeOf(fromSequence(new Set(["a"]))).toEqualTypeOf<Bag<string>>();
});

test("what files give has the type that the options say", () => {
  expectTypeOf(readText("x", { blockBytes: 10, includePath: false })).toEqualTypeOf<Bag<string>>();
  expectTypeOf(readText("x", { includePath: true })).toEqualTypeOf<
    Bag<[line: string, path: string]>
  >();
  expectTypeOf(readJsonLines("x")).toEqualTypeOf<Bag<unknown>>();
  expectTypeOf(readJsonLines<Dog>("x", { onBadLine: "skip" })).toEqualTypeOf<Bag<Dog>>();
  expectTypeOf(readJsonLines("x", { onBadLine: ({ text }) => text })).toEqualTypeOf<Bag<unknown>>();
  readJsonLines<Dog>("x", { onBadLine: () => undefined });
  // @ts-expect-error: no record
  readJsonLines<Dog>("x", { onBadLine: ({ text }) => text });
  expectTypeOf(readJsonLines<Dog>("x", { includePath: true })).toEqualTypeOf<
    Bag<[record: Dog, path: string]>
  >();
  // @ts-expect-error there is no such choice
  readJsonLines("x", { onBadLine: "mend" });
});

test("numbers, calls and delayed values give their records", () => {
  expectTypeOf(range(3)).toEqualTypeOf<Bag<number>>();
  const load = delayed((name: string) => [name.length]);
  expectTypeOf(fromDelayed([load("a")])).toEqualTypeOf<Bag<number>>();
  // @ts-expect-error a number is no list of records
  fromDelayed([delayed(() => 1)()]);
  expectTypeOf(fromMap((n, text) => [n, text.length], [1], ["a"])).toEqualTypeOf<Bag<number>>();
  const lines = async function* (name: string): AsyncGenerator<string> {
    yield name;
  };
  expectTypeOf(fromMap(lines, ["a"])).toEqualTypeOf<Bag<string>>();
  expectTypeOf(fromMap(async (pet: Dog) => new Set([pet.kind]), [])).toEqualTypeOf<Bag<"dog">>();
  // @ts-expect-error the function takes texts
  fromMap(lines, [1]);
});

test("parts as delayed values, records one by one, and files", async () => {
  expectTypeOf(pets.toDelayed()).toEqualTypeOf<Delayed<(Dog | Cat)[]>[]>();
  expectTypeOf(pets.filter(isDog).toDelayed()).toEqualTypeOf<Delayed<Dog[]>[]>();
  for await (const pet of pets.records()) expectTypeOf(pet).toEqualTypeOf<Dog | Cat>();
  expectTypeOf(pets.writeJsonLines("*.jsonl")).toEqualTypeOf<Promise<string[]>>();
  // @ts-expect-error records are no text
  void pets.writeText("*.txt");
  // @ts-expect-error a name is a text
  void pets.writeJsonLines("*.jsonl", { name: (partition) => partition });
});

test("map gives what its function gives or promises", () => {
  expectTypeOf(pets.map((pet) => pet.kind)).toEqualTypeOf<Bag<"dog" | "cat">>();
  expectTypeOf(pets.map(async () => 1n)).toEqualTypeOf<Bag<bigint>>();
});

test("a type guard narrows, another predicate does not", () => {
  expectTypeOf(pets.filter(isDog)).toEqualTypeOf<Bag<Dog>>();
  expectTypeOf(pets.filter((pet) => pet.kind === "cat")).toEqualTypeOf<Bag<Cat>>();
  expectTypeOf(pets.filter(async () => true)).toEqualTypeOf<Bag<Dog | Cat>>();
});

test("flatten takes iterables only", () => {
  expectTypeOf(fromSequence([[1], [2]]).flatten()).toEqualTypeOf<Bag<number>>();
  expectTypeOf(fromSequence([new Map([["a", 1]])]).flatten()).toEqualTypeOf<
    Bag<[string, number]>
  >();
  // @ts-expect-error numbers have no items
  fromSequence([1]).flatten();
});

test("keys and totals keep their types", () => {
  expectTypeOf(pets.frequencies()).toEqualTypeOf<Bag<[record: Dog | Cat, count: number]>>();
  expectTypeOf(pets.groupBy((pet) => pet.kind)).toEqualTypeOf<
    Bag<[key: "dog" | "cat", records: (Dog | Cat)[]]>
  >();
  const folded = pets.foldBy(
    (pet) => pet.kind,
    (total, pet) => total + pet.kind.length,
    { initial: 0, combine: (a, b) => a + b },
  );
  expectTypeOf(folded).toEqualTypeOf<Bag<[key: "dog" | "cat", total: number]>>();
  expectTypeOf(fromSequence([1]).foldBy(String, Math.max)).toEqualTypeOf<
    Bag<[key: string, total: number]>
  >();
});

test("join pairs both sides", () => {
  const joined = pets.join(
    fromSequence([{ name: "Rex", kind: "dog" }]),
    (pet) => pet.kind,
    (named) => named.kind,
  );
  expectTypeOf(joined).toEqualTypeOf<
    Bag<[record: Dog | Cat, other: { name: string; kind: string }]>
  >();
});

test("topk without a key takes what can be ranked", () => {
  expectTypeOf(fromSequence([1]).topk(1)).toEqualTypeOf<Bag<number>>();
  expectTypeOf(fromSequence(["a"]).frequencies().topk(1)).toEqualTypeOf<
    Bag<[record: string, count: number]>
  >();
  expectTypeOf(pets.topk(1, { key: (pet) => pet.kind })).toEqualTypeOf<Bag<Dog | Cat>>();
  // @ts-expect-error records do not rank by themselves
  pets.topk(1);
});

test("what starts work promises values", () => {
  expectTypeOf(pets.compute()).resolves.toEqualTypeOf<(Dog | Cat)[]>();
  expectTypeOf(pets.take(2)).resolves.toEqualTypeOf<(Dog | Cat)[]>();
  expectTypeOf(pets.persist()).resolves.toEqualTypeOf<Bag<Dog | Cat>>();
  expectTypeOf(compute(pets, fromSequence([1]))).resolves.toEqualTypeOf<
    [(Dog | Cat)[], number[]]
  >();
  expectTypeOf(fromSequence(["a"]).writeText("x-*")).resolves.toEqualTypeOf<string[]>();
  // @ts-expect-error only text can be written as text
  void fromSequence([1]).writeText("x-*");
});

test("totals are items of one value", () => {
  const numbers = fromSequence([1]);
  expectTypeOf(pets.count()).toEqualTypeOf<Item<number>>();
  expectTypeOf(numbers.sum()).toEqualTypeOf<Item<number>>();
  expectTypeOf(fromSequence([1n]).sum()).toEqualTypeOf<Item<bigint | 0>>();
  expectTypeOf(fromSequence([1n]).mean()).toEqualTypeOf<Item<number>>();
  expectTypeOf(numbers.std({ ddof: 1 })).toEqualTypeOf<Item<number>>();
  expectTypeOf(numbers.min()).toEqualTypeOf<Item<number | undefined>>();
  expectTypeOf(pets.max({ key: (pet) => pet.kind })).toEqualTypeOf<Item<Dog | Cat | undefined>>();
  expectTypeOf(pets.any((pet) => isDog(pet))).toEqualTypeOf<Item<boolean>>();
  // @ts-expect-error texts have no sum
  fromSequence(["a"]).sum();
  // @ts-expect-error nor have numbers and bigints together
  fromSequence<number | bigint>([1, 1n]).sum();
  // @ts-expect-error nor have texts a mean
  fromSequence(["a"]).mean();
  // @ts-expect-error records do not rank by themselves
  pets.max();
});

test("folds infer the kind of their total from the initial one", () => {
  const options = { initial: "", combine: (a: string, b: string) => a + b };
  expectTypeOf(pets.fold((all, pet) => all + pet.kind, options)).toEqualTypeOf<Item<string>>();
  expectTypeOf(fromSequence([1]).fold(async (a, b) => a + b)).toEqualTypeOf<Item<number>>();
  // @ts-expect-error a total of another kind must be combined
  pets.fold((all, pet) => all + pet.kind, { initial: "" });
  const sizes = pets.reduction(
    async (records) => (await records.toArray()).map((pet) => pet.kind),
    (all) => all.flat(),
  );
  expectTypeOf(sizes).toEqualTypeOf<Item<("dog" | "cat")[]>>();
  const running = pets.accumulate((count, _pet) => count + 1, 0);
  expectTypeOf(running).toEqualTypeOf<Bag<number>>();
  expectTypeOf(fromSequence(["a"]).accumulate((a, b) => a + b)).toEqualTypeOf<Bag<string>>();
  expectTypeOf(pets.distinct({ key: (pet) => pet.kind })).toEqualTypeOf<Bag<Dog | Cat>>();
});

test("items are mapped, computed and turned into delayed values of their kind", () => {
  const total = fromSequence([1]).sum();
  expectTypeOf(total.map(async (n) => `${n}`)).toEqualTypeOf<Item<string>>();
  expectTypeOf(total.compute()).resolves.toEqualTypeOf<number>();
  expectTypeOf(total.persist()).resolves.toEqualTypeOf<Item<number>>();
  expectTypeOf(total.toDelayed()).toEqualTypeOf<Delayed<number>>();
  expectTypeOf(compute(total, pets.count())).resolves.toEqualTypeOf<[number, number]>();
  expectTypeOf(delayed((n: number) => [n])(total)).toEqualTypeOf<Delayed<number[]>>();
});

test("a join takes a list or another iterable", () => {
  const named = new Map([["dog", 1]]);
  expectTypeOf(
    pets.join(
      named,
      (pet) => pet.kind,
      ([kind]) => kind,
    ),
  ).toEqualTypeOf<Bag<[record: Dog | Cat, other: [string, number]]>>();
});
