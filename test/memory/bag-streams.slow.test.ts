import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { annotate } from "../../src/code/lazy/annotations.ts";
import { accumulate } from "../../src/collections/bag/accumulate.ts";
import { bagExpr } from "../../src/collections/bag/bag-expr.ts";
import { distinct } from "../../src/collections/bag/distinct.ts";
import { filter } from "../../src/collections/bag/filter.ts";
import { flatten } from "../../src/collections/bag/flatten.ts";
import { fold, reduction } from "../../src/collections/bag/fold.ts";
import { frequencies } from "../../src/collections/bag/frequencies.ts";
import { map } from "../../src/collections/bag/map.ts";
import { jsonLinesExpr, textExpr } from "../../src/collections/bag/read-text.ts";
import { takeOperation } from "../../src/collections/bag/take.ts";
import { count, extreme, test as testOf, variance } from "../../src/collections/bag/totals.ts";
import { writeExpr } from "../../src/collections/bag/write-text.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { Bench, expectBoth, mebibyte, stageOf } from "./support.ts";
import { inTurn } from "./turns.ts";

/**
 * One part of 256 MiB. As objects it would take more than that: a record of 64 characters is a string of 80 bytes and
 * 8 bytes in an array. Its task runs as long as five of usual size, so one worker stands for five.
 */
const partBytes = 256 * mebibyte;
const lineChars = 64;

/**
 * What a task that streams takes in a worker of 1 GiB or more, whatever the size of its part, and how much more if it
 * writes its records. The planner counts as much where no function of the user's is called; it is declared where one is,
 * and more where the function makes many small objects of each record.
 *
 * Measured beyond what a worker keeps for itself: 26 to 38 MiB for `count`, `writeText` and `frequencies`, 49 to 69
 * where records are written, 56 to 80 for `map` and `flatten`; on idle cores and beside up to nine busy neighbours per
 * core. Each number leaves a third on both sides: to the most that was measured, and to three times the least.
 */
const readingBytes = 56 * mebibyte;
const writingBytes = 96 * mebibyte;
const splittingBytes = 112 * mebibyte;

/** Longer than on any machine that still works. */
const prepareMs = 300_000;

const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());

const file = path.join(on.folder, "lines.txt");
const jsonFile = path.join(on.folder, "records.jsonl");

/** Lines of eight words out of 4096 in no order, the same in each mebibyte. */
beforeAll(async () => {
  let text = "";
  for (let word = 0; text.length < mebibyte; word++) {
    const chosen = Math.imul(word, 2654435761) >>> 20;
    text +=
      `${chosen}`.padStart(7, "w") + (word % (lineChars / 8) === lineChars / 8 - 1 ? "\n" : " ");
  }
  writeOften(file, text);
  const json = text.replaceAll(/(\w+) (.*)/g, '{"id":"$1","words":"$2"}');
  writeOften(jsonFile, json);
  await on.prepare(lines());
}, prepareMs);

/** A file of one part. */
function writeOften(to: string, text: string): void {
  const out = fs.openSync(to, "w");
  for (let at = 0; at < partBytes; at += text.length) fs.writeSync(out, text);
  fs.closeSync(out);
}

function lines(): Expr {
  return textExpr(file, { blockBytes: partBytes });
}

function words(): Expr {
  return flatten(map(lines(), (line: string) => line.split(" ")));
}

function lengths(): Expr {
  return map(lines(), (line: string) => line.length);
}

const add = (a: number, b: number): number => a + b;
const longer = (a: string, b: string): string => (b.length > a.length ? b : a);
const countsOfRecords = {
  perPartition: async (records: AsyncIterable<string>): Promise<number> => {
    let count = 0;
    for await (const _ of records) count++;
    return count;
  },
  aggregate: (counts: number[]): number => counts.reduce(add, 0),
};

/** What reads the records for a number that is made of sums. */
function partialOf(statistic: Expr): Expr {
  return stageOf(present(statistic.children[0], "the sums of a statistic"));
}

function firsts(count: number): Expr {
  return bagExpr({ operation: takeOperation, params: { count }, children: [lines()] });
}

function written(suffix: string): Expr {
  return writtenOf(lines(), "text", suffix);
}

function writtenOf(bag: Expr, records: "text" | "json", suffix: string): Expr {
  const prefix = pathToFileURL(path.join(on.folder, "out")).href;
  const writing = { prefix, suffix, records, delimiter: "\n", encoding: "utf-8", isUrl: true };
  // The first stage takes an earlier list away.
  return stageOf(writeExpr(bag, writing), 1);
}

type Case = readonly [string, number, () => Expr];

const declared: readonly Case[] = [
  ["map", writingBytes, () => map(lines(), (line: string) => line.toUpperCase())],
  ["filter", writingBytes, () => filter(lines(), (line: string) => line.length > 3)],
  ["map and flatten", splittingBytes, words],
  ["frequencies of few words", readingBytes, () => stageOf(frequencies(words()))],
  ["distinct of few words", readingBytes, () => stageOf(distinct(words()))],
  ["variance", readingBytes, () => partialOf(variance(lengths(), "variance", undefined))],
  ["fold", readingBytes, () => stageOf(fold(lengths(), add, { initial: 0 }))],
  ["reduction", readingBytes, () => stageOf(reduction(lines(), countsOfRecords))],
  ["the totals of accumulate", readingBytes, () => stageOf(accumulate(lines(), longer, []))],
  // All records alike: the frames that wait to be written are small, and so must be what they hold.
  ["accumulate", writingBytes, () => stageOf(accumulate(lines(), longer, []), 1)],
];

test.each(inTurn(declared))(
  "%s holds a part of its part, as declared",
  async (_name, memory, write) => {
    expectBoth(await on.measure(annotate({ memory }, write), [lines()], 1), "declared");
  },
);

const planned: readonly Case[] = [
  ["take", writingBytes, () => firsts(1e8)],
  ["count", readingBytes, () => stageOf(count(lines()))],
  ["max", readingBytes, () => stageOf(extreme(lines(), "max", undefined))],
  ["all", readingBytes, () => stageOf(testOf(lines(), "all", undefined))],
  ["writeText", readingBytes, () => written(".txt")],
  ["writeText as gzip", readingBytes, () => written(".gz")],
  ["writeText as zstd", readingBytes, () => written(".zst")],
  ["writeJsonLines", readingBytes, () => writtenOf(lines(), "json", ".jsonl")],
  // Larger blocks, but still one: other work than what is stored already.
  ["readText", writingBytes, () => textExpr(file, { blockBytes: 2 * partBytes })],
  ["readJsonLines", writingBytes, () => jsonLinesExpr(jsonFile, { blockBytes: 2 * partBytes })],
  [
    "readText of another encoding, with a delimiter of several characters,",
    writingBytes,
    () => textExpr(file, { encoding: "latin1", delimiter: "\nw", blockBytes: 2 * partBytes }),
  ],
];

test.each(inTurn(planned))(
  "%s holds a part of its part, as planned",
  async (_name, memory, write) => {
    const got = await on.measure(write(), [lines()], 1);
    expect(got.projected - got.reserved).toBe(memory);
    expectBoth(got, "bounded");
  },
);

const ofLarger: readonly (readonly [string, () => Expr])[] = [
  ["readText", lines],
  ["readJsonLines", () => jsonLinesExpr(jsonFile, { blockBytes: partBytes })],
  ["frequencies", () => stageOf(frequencies(words()))],
  ["writeText", () => written(".txt")],
];

test.each(inTurn(ofLarger))(
  "%s of a part twice as large as the worker's memory",
  async (_name, write) => {
    using least = new Bench(partBytes / 2);
    const { measured, said } = await least.measure(write(), [], 1);
    expect(measured, said).toBeLessThanOrEqual(partBytes / 2);
  },
);

test("records in the client holds no part", async () => {
  const small = path.join(on.folder, "small.txt");
  fs.writeFileSync(small, "to be\n");
  const least = await readRecords(small);
  const most = await readRecords(file);
  expect(most.chars + most.records).toBe(partBytes);
  // As objects: a string of 80 bytes and a place in an array of 8 for each.
  const held = most.records * 88;
  expect(most.peakBytes - least.peakBytes).toBeLessThan(held / 2);
}, 120_000);

interface Read {
  readonly records: number;
  readonly chars: number;
  readonly peakBytes: number;
}

/** What a program of its own saw of a file, and the most memory that it had. */
async function readRecords(from: string): Promise<Read> {
  const program = path.join(import.meta.dirname, "programs/read-records.ts");
  const store = fs.mkdtempSync(path.join(on.folder, "store-"));
  const { stdout } = await promisify(execFile)(process.execPath, [program, from, store]);
  return JSON.parse(stdout) as Read; // The program writes it in this form.
}
