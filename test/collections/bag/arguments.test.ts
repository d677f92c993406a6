import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  fromDelayed,
  fromMap,
  fromSequence,
  range,
  readJsonLines,
  readText,
} from "../../../src/bag.ts";
import { isLambdaskError } from "../../../src/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-arguments-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, "a.txt"), "a\n");
mkdirSync(path.join(folder, "sub"));

const file = path.join(folder, "a.txt");
const bag = fromSequence([1, 2, 3]);
/** What a program without types may pass. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for programs that TypeScript does not check.
const anything = (value: unknown): any => value;

/** Calls that must throw at once: what is called, the code, and what the message says. */
const wrong: readonly (readonly [name: string, call: () => unknown, code: string, text: string])[] =
  [
    [
      "no iterable",
      () => fromSequence(anything(5)),
      "BAD_ARGUMENT",
      "bag.fromSequence: expected an array or another iterable, got 5",
    ],
    ["null", () => fromSequence(anything(null)), "BAD_ARGUMENT", "got null"],
    [
      "zero partitions",
      () => fromSequence([1], { partitions: 0 }),
      "BAD_ARGUMENT",
      "partitions: expected a whole number from 1 to 100000, got 0",
    ],
    [
      "negative size",
      () => fromSequence([1], { partitionSize: -1 }),
      "BAD_ARGUMENT",
      "partitionSize",
    ],
    [
      "both cuts",
      () => fromSequence([1], { partitions: 2, partitionSize: 2 }),
      "BAD_ARGUMENT",
      "not both",
    ],
    [
      "a misspelt option",
      () => fromSequence([1], anything({ partition: 2 })),
      "BAD_ARGUMENT",
      'did you mean "partitions"?',
    ],
    [
      "options in a Map",
      () => range(3, anything(new Map([["partitions", 2]]))),
      "BAD_ARGUMENT",
      "bag.range: expected a plain record of options, got an object",
    ],
    ["a record that is no data", () => fromSequence([{ f: () => 1 }]), "NOT_DATA", "f"],
    [
      "no function",
      () => bag.map(anything(5)),
      "BAD_ARGUMENT",
      "bag.map: expected a function, got 5",
    ],
    [
      "no function to filter",
      () => bag.filter(anything(undefined)),
      "BAD_ARGUMENT",
      "bag.filter: expected a function",
    ],
    [
      "no key to fold by",
      () => bag.foldBy(anything("key"), (a, b) => a + b),
      "BAD_ARGUMENT",
      "bag.foldBy: key: expected a function",
    ],
    ["no binop", () => bag.foldBy((n) => n, anything(null)), "BAD_ARGUMENT", "bag.foldBy: binop"],
    [
      "an initial value that is no data",
      () =>
        bag.foldBy(
          (n) => n,
          () => anything(0),
          { initial: new WeakMap(), combine: (a) => a },
        ),
      "NOT_DATA",
      "bag.foldBy: initial",
    ],
    ["no key to group by", () => bag.groupBy(anything({})), "BAD_ARGUMENT", "bag.groupBy"],
    [
      "half a partition",
      () => bag.groupBy((n) => n, { partitions: 1.5 }),
      "BAD_ARGUMENT",
      "bag.groupBy: partitions",
    ],
    [
      "an unknown option",
      () => bag.groupBy((n) => n, anything({ parts: 2 })),
      "BAD_ARGUMENT",
      'unknown option "parts"',
    ],
    [
      "a join with no iterable",
      () => bag.join(anything(5), (n) => n),
      "BAD_ARGUMENT",
      "bag.join: other: expected a bag, an array or another iterable, got 5",
    ],
    [
      "a join with records that are no data",
      () => bag.join([() => 1], (n) => n),
      "NOT_DATA",
      "items[0]",
    ],
    [
      "an initial value in the place of options",
      () =>
        bag.foldBy(
          (n) => n,
          (a) => a,
          anything(0),
        ),
      "BAD_ARGUMENT",
      "bag.foldBy: expected a plain record of options, got 0",
    ],
    [
      "a tree that never ends",
      () =>
        bag.foldBy(
          (n) => n,
          (a) => a,
          { fanIn: 1 },
        ),
      "BAD_ARGUMENT",
      "bag.foldBy: fanIn: expected a whole number of at least 2, got 1",
    ],
    ["no binop to fold", () => bag.fold(anything("+")), "BAD_ARGUMENT", "bag.fold: binop"],
    [
      "no combine",
      () => bag.fold((a) => a, anything({ combine: 1 })),
      "BAD_ARGUMENT",
      "bag.fold: combine: expected a function, got 1",
    ],
    [
      "a misspelt initial value",
      () => bag.fold((a) => a, anything({ inital: 1 })),
      "BAD_ARGUMENT",
      'did you mean "initial"?',
    ],
    [
      "an initial total that is no data",
      () => bag.fold((a) => a, { initial: (() => 0) as unknown as number }),
      "NOT_DATA",
      "bag.fold: initial",
    ],
    [
      "half a fan-in",
      () =>
        bag.reduction(
          (all) => all,
          anything(() => 1),
          { fanIn: 2.5 },
        ),
      "BAD_ARGUMENT",
      "bag.reduction: fanIn",
    ],
    [
      "no aggregate",
      () => bag.reduction(() => 1, anything(undefined)),
      "BAD_ARGUMENT",
      "bag.reduction: aggregate: expected a function",
    ],
    [
      "nothing to accumulate with",
      () => bag.accumulate(anything(null)),
      "BAD_ARGUMENT",
      "bag.accumulate: binop",
    ],
    [
      "running totals from what is no data",
      () => bag.accumulate((a) => a, anything(new WeakSet())),
      "NOT_DATA",
      "bag.accumulate: initial",
    ],
    [
      "a key that tells nothing apart",
      () => bag.distinct(anything({ key: "id" })),
      "BAD_ARGUMENT",
      "bag.distinct: key: expected a function",
    ],
    [
      "a negative ddof",
      () => bag.std({ ddof: -1 }),
      "BAD_ARGUMENT",
      "bag.std: ddof: expected a whole number of at least 0, got -1",
    ],
    [
      "a key for max that is none",
      () => bag.max(anything({ key: 1 })),
      "BAD_ARGUMENT",
      "bag.max: key",
    ],
    [
      "a predicate that is none",
      () => bag.any(anything(true)),
      "BAD_ARGUMENT",
      "bag.any: expected",
    ],
    ["no function for an item", () => bag.sum().map(anything(1)), "BAD_ARGUMENT", "item.map"],
    [
      "a join without a key",
      () => bag.join(bag, anything("id")),
      "BAD_ARGUMENT",
      "bag.join: onSelf",
    ],
    [
      "the top of a negative number",
      () => bag.topk(-1),
      "BAD_ARGUMENT",
      "bag.topk: k: expected a whole number of at least 0, got -1",
    ],
    [
      "a key that is no function",
      () => bag.topk(1, anything({ key: 1 })),
      "BAD_ARGUMENT",
      "bag.topk: key",
    ],
    ["a missing file", () => readText(path.join(folder, "no.txt")), "SOURCE", "no.txt"],
    [
      "a pattern without files",
      () => readText(path.join(folder, "*.csv")),
      "SOURCE",
      "no file matches",
    ],
    ["a folder", () => readText(path.join(folder, "sub")), "SOURCE", "is a folder"],
    ["no files at all", () => readText([]), "BAD_ARGUMENT", "non-empty array of paths"],
    ["a number for a path", () => readText(anything(7)), "BAD_ARGUMENT", "got 7"],
    [
      "another scheme",
      () => readText("ftp://bucket/a.txt"),
      "BAD_ARGUMENT",
      "file:, https: or s3:",
    ],
    [
      "blocks of no bytes",
      () => readText(path.join(folder, "a.txt"), { blockBytes: 0 }),
      "BAD_ARGUMENT",
      "blockBytes",
    ],
    [
      "blocks of words",
      () => readText(path.join(folder, "a.txt"), { blockBytes: "large" }),
      "BAD_ARGUMENT",
      'such as "256 MiB"',
    ],
    [
      "another encoding",
      () => readText(file, { encoding: "rot13" }),
      "BAD_ARGUMENT",
      'bag.readText: encoding: expected a name that TextDecoder knows, such as "utf-8"',
    ],
    [
      "an empty delimiter",
      () => readText(file, { delimiter: "" }),
      "BAD_ARGUMENT",
      "bag.readText: delimiter: expected a text of 1 to 1024 characters that utf-8 has",
    ],
    [
      "a delimiter that its encoding lacks",
      () => readText(file, { delimiter: "字", encoding: "latin1" }),
      "BAD_ARGUMENT",
      "characters that windows-1252 has",
    ],
    [
      "half a character for a delimiter",
      () => readText(file, { delimiter: "\ud800" }),
      "BAD_ARGUMENT",
      "delimiter",
    ],
    [
      "a mark for a delimiter",
      () => readText(file, { delimiter: "\ufeff" }),
      "BAD_ARGUMENT",
      "delimiter",
    ],
    [
      "blocks and whole files",
      () => readText(file, { blockBytes: 10, filesPerPartition: 1 }),
      "BAD_ARGUMENT",
      "bag.readText: expected blockBytes or filesPerPartition, not both",
    ],
    [
      "half a file",
      () => readText(file, { filesPerPartition: 0.5 }),
      "BAD_ARGUMENT",
      "bag.readText: filesPerPartition: expected a whole number of at least 1, got 0.5",
    ],
    [
      "another compression",
      () => readText(file, anything({ compression: "br" })),
      "BAD_ARGUMENT",
      'bag.readText: compression: expected "gzip", "zstd" or "none"',
    ],
    [
      "a path to include",
      () => readText(file, anything({ includePath: "path" })),
      "BAD_ARGUMENT",
      "bag.readText: includePath: expected true or false",
    ],
    [
      "JSON lines that end otherwise",
      () => readJsonLines(file, anything({ delimiter: ";" })),
      "BAD_ARGUMENT",
      'bag.readJsonLines: unknown option "delimiter"',
    ],
    [
      "bad lines to be mended",
      () => readJsonLines(file, anything({ onBadLine: "mend" })),
      "BAD_ARGUMENT",
      'bag.readJsonLines: onBadLine: expected "fail", "skip" or a function, got "mend"',
    ],
    ["JSON of a missing file", () => readJsonLines(`${file}.no`), "SOURCE", "bag.readJsonLines"],
    ["a range to −1", () => range(-1), "BAD_ARGUMENT", "bag.range: end: expected a whole number"],
    [
      "a range in no parts",
      () => range(3, { partitions: 0 }),
      "BAD_ARGUMENT",
      "bag.range: partitions",
    ],
    [
      "no function to map from",
      () => fromMap(anything([1]), [1]),
      "BAD_ARGUMENT",
      "bag.fromMap: expected a function",
    ],
    [
      "nothing to call with",
      () => fromMap(() => [1]),
      "BAD_ARGUMENT",
      "bag.fromMap: expected values to call the function with after it, got an array of 0",
    ],
    [
      "lists of different lengths",
      () => fromMap((a: number, b: number) => [a, b], [1, 2], [3]),
      "BAD_ARGUMENT",
      "bag.fromMap: items 2: expected as many as the first has (2), got an array of 1",
    ],
    [
      "items that are no list",
      () => fromMap((n: number) => [n], anything(5)),
      "BAD_ARGUMENT",
      "bag.fromMap: items 1: expected an array or another iterable, got 5",
    ],
    [
      "items that are no data",
      () => fromMap((f: () => number) => [f()], [() => 1]),
      "NOT_DATA",
      "bag.fromMap",
    ],
    [
      "no list of delayed values",
      () => fromDelayed(anything(5)),
      "BAD_ARGUMENT",
      "bag.fromDelayed: expected a list of delayed values that give lists, got 5",
    ],
    [
      "data instead of delayed values",
      () => fromDelayed(anything([[1]])),
      "BAD_ARGUMENT",
      "bag.fromDelayed: expected a lazy collection",
    ],
  ];

describe("refused at the call", () => {
  test.for(wrong)("%s", ([, call, code, text]) => {
    try {
      call();
    } catch (error) {
      expect(isLambdaskError(error) && error.code).toBe(code);
      expect(String(error)).toContain(text);
      return;
    }
    expect.fail("nothing was thrown");
  });

  test("wrong arguments of what starts work", async () => {
    await expect(bag.take(-1)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    const texts = fromSequence(["a"]);
    for (const pattern of [
      "out.txt",
      "a*/b*.txt",
      "out*/part.txt",
      "ftp://bucket/*.txt",
      "a-*.bz2",
    ]) {
      await expect(texts.writeText(pattern)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
    await expect(texts.compute(anything({ retrys: 1 }))).rejects.toThrow('did you mean "retries"?');
  });
});
