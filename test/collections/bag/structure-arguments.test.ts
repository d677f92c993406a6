import { expect, test } from "vitest";
import { fromSequence } from "../../../src/bag.ts";
import { isLambdaskError } from "../../../src/index.ts";

const bag = fromSequence([1, 2, 3]);
/** What a program without types may pass. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for programs that TypeScript does not check.
const anything = (value: unknown): any => value;

/** Calls that must throw at once a BAD_ARGUMENT error: what is called, and what the message says. */
const wrong: readonly (readonly [name: string, call: () => unknown, text: string])[] = [
  [
    "no function to spread over",
    () => anything(bag).starmap("f"),
    "bag.starmap: expected a function",
  ],
  [
    "no function to remove by",
    () => bag.remove(anything(1)),
    "bag.remove: expected a function, got 1",
  ],
  [
    "no function of partitions",
    () => bag.mapPartitions(anything({})),
    "bag.mapPartitions: expected a function",
  ],
  ["a path of nothing", () => anything(bag).pluck([]), "bag.pluck: path: expected a property name"],
  ["half a position", () => anything(bag).pluck(0.5), "bag.pluck: path"],
  [
    "an unknown option of pluck",
    () => anything(bag).pluck("a", { fallback: 1 }),
    'unknown option "fallback"',
  ],
  [
    "a key that is none",
    () => anything(bag).compact({}),
    "bag.compact: key: expected a property name",
  ],
  [
    "a list to zip with",
    () => bag.zip(anything([1])),
    "bag.zip: expected a bag, got an array of 1",
  ],
  [
    "other partitions to zip with",
    () => bag.zip(fromSequence([1])),
    "bags of 3 and of 1 partitions",
  ],
  ["a number to join on", () => bag.concat(anything(1)), "bag.concat: expected a bag, got 1"],
  [
    "no bag to multiply with",
    () => bag.product(anything(undefined)),
    "bag.product: other: expected a bag, got undefined",
  ],
  [
    "no bags to take apart",
    () => anything(bag).unzip(0),
    "bag.unzip: count: expected a whole number from 1 to 100000, got 0",
  ],
  [
    "no partitions",
    () => bag.repartition({ partitions: 0 }),
    "bag.repartition: partitions: expected a whole number from 1 to 100000, got 0",
  ],
  [
    "nothing to cut by",
    () => bag.repartition(anything({})),
    "bag.repartition: expected either partitions or bytes",
  ],
  [
    "both to cut by",
    () => bag.repartition(anything({ partitions: 1, bytes: 1 })),
    "either partitions or bytes",
  ],
  [
    "no size",
    () => bag.repartition({ bytes: "many" }),
    'bag.repartition: bytes: expected a positive number of bytes or text such as "256 MiB"',
  ],
  [
    "a probability of two",
    () => bag.randomSample(2),
    "bag.randomSample: probability: expected a number from 0 to 1, got 2",
  ],
  ["no probability", () => bag.randomSample(Number.NaN), "got NaN"],
  [
    "more bags than anybody unzips",
    () => anything(bag).unzip(1e9),
    "bag.unzip: count: expected a whole number from 1 to 100000, got 1000000000",
  ],
  [
    "more draws than a list holds",
    () => bag.choices(2 ** 32),
    "bag.choices: k: expected a whole number from 0 to 4294967295, got 4294967296",
  ],
  [
    "a negative sample",
    () => bag.sample(-1),
    "bag.sample: k: expected a whole number from 0 to 4294967295, got -1",
  ],
  ["half a choice", () => bag.choices(0.5), "bag.choices: k"],
  [
    "a seed of text",
    () => bag.sample(1, { seed: "a" as never }),
    "bag.sample: seed: expected a whole number from 0 to 4294967295",
  ],
  ["a seed too large", () => bag.randomSample(1, { seed: 2 ** 32 }), "bag.randomSample: seed"],
];

test.for(wrong)("%s is refused at the call", ([, call, text]) => {
  try {
    call();
  } catch (error) {
    expect(isLambdaskError(error) && error.code).toBe("BAD_ARGUMENT");
    expect(String(error)).toContain(text);
    return;
  }
  expect.fail("nothing was thrown");
});

test("data that cannot be sent beside a bag is refused at the call", () => {
  expect(() => bag.map((n) => n, new WeakMap())).toThrow(/bag\.map: argument 2/);
  expect(() => anything(bag).pluck("a", { default: () => 1 })).toThrow(/bag\.pluck: default/);
});
