import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { annotate } from "../../src/code/lazy/annotations.ts";
import { bagExpr } from "../../src/collections/bag/bag-expr.ts";
import { countOperation } from "../../src/collections/bag/count.ts";
import { filter } from "../../src/collections/bag/filter.ts";
import { flatten } from "../../src/collections/bag/flatten.ts";
import { frequencies } from "../../src/collections/bag/frequencies.ts";
import { map } from "../../src/collections/bag/map.ts";
import { textExpr } from "../../src/collections/bag/read-text.ts";
import { takeOperation } from "../../src/collections/bag/take.ts";
import { writeTextOperation } from "../../src/collections/bag/write-text.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { Bench, expectTight, firstStage, mebibyte } from "./support.ts";

/**
 * One part of 256 MiB. As objects it would take more than that: a record of 64 characters is a string of 80 bytes and
 * 8 bytes in an array. Its task runs as long as five of usual size, so one worker stands for five.
 */
const partBytes = 256 * mebibyte;
const lineChars = 64;

/**
 * Half of the part: what a task that streams may take in a worker of 1 GiB or more, whatever the size of its part. A
 * young generation of three semi-spaces of 16 MiB, 64 MiB of buffers outside of it, the amount from which V8 asks for a
 * collection, and 16 MiB for what is in use: two runs of 2 MiB, some frames of 256 KiB, code.
 */
const streamBytes = (3 * 16 + 64 + 16) * mebibyte;

/** Longer than on any machine that still works. */
const prepareMs = 300_000;

const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());

const file = path.join(on.folder, "lines.txt");

/** Lines of eight words out of 4096 in no order, the same in each mebibyte. */
beforeAll(async () => {
  let text = "";
  for (let word = 0; text.length < mebibyte; word++) {
    const chosen = Math.imul(word, 2654435761) >>> 20;
    text +=
      `${chosen}`.padStart(7, "w") + (word % (lineChars / 8) === lineChars / 8 - 1 ? "\n" : " ");
  }
  const out = fs.openSync(file, "w");
  for (let at = 0; at < partBytes; at += text.length) fs.writeSync(out, text);
  fs.closeSync(out);
  await on.prepare(lines());
}, prepareMs);

function lines(): Expr {
  return textExpr(file, { blockBytes: partBytes });
}

function words(): Expr {
  return flatten(map(lines(), (line: string) => line.split(" ")));
}

function written(suffix: string): Expr {
  const params = { prefix: pathToFileURL(path.join(on.folder, "out")).href, suffix };
  return firstStage(bagExpr({ operation: writeTextOperation, params, children: [lines()] }));
}

test.each<readonly [string, () => Expr]>([
  ["map", () => map(lines(), (line: string) => line.toUpperCase())],
  ["filter", () => filter(lines(), (line: string) => line.length > 3)],
  ["map and flatten", words],
  ["frequencies of few words", () => firstStage(frequencies(words()))],
  [
    "take",
    () => bagExpr({ operation: takeOperation, params: { count: 1e8 }, children: [lines()] }),
  ],
  ["count", () => bagExpr({ operation: countOperation, children: [lines()] })],
  ["writeText", () => written(".txt")],
  ["writeText as gzip", () => written(".gz")],
])("%s holds half its part at the most", async (_name, write) => {
  const expr = annotate({ memory: streamBytes }, write);
  expectTight(await on.measure(expr, [lines()], 1));
});

test("readText holds half its part at the most", async () => {
  // Larger blocks, but still one: other work than what is stored already.
  const write = (): Expr => textExpr(file, { blockBytes: 2 * partBytes });
  expectTight(await on.measure(annotate({ memory: streamBytes }, write), [], 1));
});

test.each<readonly [string, () => Expr]>([
  ["readText", lines],
  ["frequencies", () => firstStage(frequencies(words()))],
  ["writeText", () => written(".txt")],
])("%s of a part twice as large as the worker's memory", async (_name, write) => {
  using least = new Bench(partBytes / 2);
  const { measured, said } = await least.measure(write(), [], 1);
  expect(measured, said).toBeLessThanOrEqual(partBytes / 2);
});
