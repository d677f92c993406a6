import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fromSequence, readText } from "../../../src/bag.ts";
import { isLambdaskError } from "../../../src/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-arguments-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, "a.txt"), "a\n");
mkdirSync(path.join(folder, "sub"));

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
          new WeakMap(),
          (a) => a,
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
      "a join with an array",
      () => bag.join(anything([1]), (n) => n),
      "BAD_ARGUMENT",
      "bag.join: other: expected a bag, got an array of 1",
    ],
    [
      "a join without a key",
      () => bag.join(bag, anything("id")),
      "BAD_ARGUMENT",
      "bag.join: onSelf",
    ],
    [
      "the top zero",
      () => bag.topk(0),
      "BAD_ARGUMENT",
      "bag.topk: k: expected a whole number of at least 1, got 0",
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
    ["another scheme", () => readText("ftp://bucket/a.txt"), "BAD_ARGUMENT", "a local file"],
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
      () => readText(path.join(folder, "a.txt"), { encoding: "rot13" }),
      "BAD_ARGUMENT",
      'bag.readText: encoding: expected a name that TextDecoder knows, such as "utf-8"',
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
    for (const pattern of ["out.txt", "a*/b*.txt", "out*/part.txt", "ftp://bucket/*.txt"]) {
      await expect(texts.writeText(pattern)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
    await expect(texts.compute(anything({ retrys: 1 }))).rejects.toThrow('did you mean "retries"?');
  });
});
