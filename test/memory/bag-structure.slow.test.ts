import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bag, type PartitionRecords } from "../../src/bag.ts";
import { besides } from "../../src/collections/bag/beside.ts";
import { concat } from "../../src/collections/bag/concat.ts";
import { compact, pluck } from "../../src/collections/bag/pluck.ts";
import { choices, randomSample, sample } from "../../src/collections/bag/random-sample.ts";
import { textExpr } from "../../src/collections/bag/read-text.ts";
import { remove } from "../../src/collections/bag/remove.ts";
import { repartition } from "../../src/collections/bag/repartition.ts";
import { topk } from "../../src/collections/bag/topk.ts";
import { mapPartitions, zip } from "../../src/collections/bag/zip.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { Bench, expectBoth, mebibyte, stageOf } from "./support.ts";
import { inTurn } from "./turns.ts";

/** As in `bag-streams.slow.test.ts`: as objects half as much again, which the smaller worker does not have. */
const partBytes = 256 * mebibyte;
const writingBytes = 96 * mebibyte;
const aheadBytes = 16 * mebibyte;
const prepareMs = 300_000;

const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());
const file = path.join(on.folder, "lines.txt");

beforeAll(async () => {
  const line = (i: number): string => `${Math.imul(i, 2654435761) >>> 0}`.padStart(63, "w");
  const text = Array.from({ length: mebibyte / 64 }, (_, i) => `${line(i)}\n`).join("");
  const out = fs.openSync(file, "w");
  for (let at = 0; at < partBytes; at += text.length) fs.writeSync(out, text);
  fs.closeSync(out);
  await on.prepare(lines());
}, prepareMs);

type Case = readonly [string, () => Expr];

function lines(): Expr {
  return textExpr(file, { blockBytes: partBytes });
}

async function* shortened(records: PartitionRecords<string>): AsyncGenerator<string> {
  for await (const record of records) yield record.slice(1);
}

describe("of parts larger than the worker's memory", () => {
  const least = new Bench(partBytes);
  beforeAll(() => least.prepare(lines()), prepareMs);
  afterAll(() => least[Symbol.dispose]());

  const cases: readonly Case[] = [
    [
      "remove, compact, pluck",
      () => pluck(compact(remove(lines(), (line: string) => line === "")), 0),
    ],
    ["zip of a bag with itself", () => zip(lines(), besides([new Bag(lines())], "bag.zip"))],
    ["mapPartitions record by record", () => mapPartitions(lines(), shortened, [])],
    ["concat", () => concat([lines(), lines()])],
    ["repartition to more", () => stageOf(repartition(lines(), { partitions: 3 }))],
    ["randomSample", () => randomSample(lines(), 0.9, { seed: 1 })],
    ["sample", () => stageOf(sample(lines(), 1000, { seed: 1 }))],
    ["choices", () => stageOf(choices(lines(), 1000, { seed: 1 }))],
    ["topk", () => stageOf(topk(lines(), 1000))],
  ];

  test.each(inTurn(cases))("%s holds a part of its part", async (_name, write) => {
    const { measured, said } = await least.measure(write(), [lines()], 1);
    expect(measured, said).toBeLessThanOrEqual(partBytes);
  });
});

const planned: readonly (readonly [string, number, () => Expr])[] = [
  ["compact", writingBytes, () => compact(lines())],
  ["pluck", writingBytes, () => pluck(lines(), 3)],
  ["randomSample", writingBytes, () => randomSample(lines(), 0.5, { seed: 1 })],
  ["concat", writingBytes, () => concat([lines(), lines()])],
  [
    "repartition to fewer, which fetches ahead,",
    writingBytes + aheadBytes,
    () => repartition(concat([lines(), lines()]), { partitions: 1 }),
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
