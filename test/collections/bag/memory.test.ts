import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isLambdaskError, type LambdaskError } from "../../../src/base/errors.ts";
import { annotate } from "../../../src/code/lazy/annotations.ts";
import { flatten } from "../../../src/collections/bag/flatten.ts";
import { frequencies } from "../../../src/collections/bag/frequencies.ts";
import { fromMapExpr } from "../../../src/collections/bag/from-map.ts";
import { sequenceExpr } from "../../../src/collections/bag/from-sequence.ts";
import { groupBy } from "../../../src/collections/bag/group-by.ts";
import { map } from "../../../src/collections/bag/map.ts";
import { rangeExpr } from "../../../src/collections/bag/range.ts";
import { jsonLinesExpr, textExpr } from "../../../src/collections/bag/read-text.ts";
import { listsExpr } from "../../../src/collections/bag/to-delayed.ts";
import { count } from "../../../src/collections/bag/totals.ts";
import { checkWriteJsonLines } from "../../../src/collections/bag/write-options.ts";
import { writeExpr } from "../../../src/collections/bag/write-text.ts";
import type { Expr } from "../../../src/plan/expr.ts";
import type { MemoryProjection } from "../../../src/plan/stage.ts";
import { stageOf } from "../../memory/support.ts";
import { planOf } from "../../plan/support/plan.ts";

const mib = 2 ** 20;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-bag-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const file = path.join(folder, "lines.txt");
fs.writeFileSync(file, "to be\nor not\n");

/** Of the stage that `expr` is fused into, in a worker of so many MiB of which 88 are reserved. */
function memoryOf(expr: Expr, workerMib = 1024): MemoryProjection | undefined {
  const limits = { workerMemoryBytes: workerMib * mib, reservedMemoryBytes: 88 * mib };
  return planOf([expr], { limits }).first.stages.at(-1)?.memory;
}

/** Of the stage that reads the records of `bag` to count them, in a worker of 1 GiB. */
const countMemory = (bag: Expr): MemoryProjection | undefined => memoryOf(stageOf(count(bag)));

function refusalOf(work: () => unknown): LambdaskError {
  try {
    work();
  } catch (error) {
    if (isLambdaskError(error)) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("the memory of a task on a bag", () => {
  test("is bounded, whatever the size of its part, where no function of the user's is called", () => {
    const large = textExpr(file, { blockBytes: "4 GiB" });
    expect(memoryOf(large)).toMatchObject({ class: "bounded", total: (88 + 56 + 40) * mib });
    expect(memoryOf(flatten(large))).toMatchObject({ class: "bounded", total: 184 * mib });
    expect(countMemory(flatten(large))).toMatchObject({ class: "bounded", total: 144 * mib });
    // A worker collects sooner what it has no room for.
    expect(memoryOf(large, 128)).toMatchObject({ class: "bounded", total: 128 * mib });
  });

  test("is bounded too where JSON lines and numbers are made, and where files are written", () => {
    const passing = { class: "bounded", total: 184 * mib };
    expect(memoryOf(jsonLinesExpr(file))).toMatchObject(passing);
    expect(memoryOf(rangeExpr(1e12, { partitions: 3 }))).toMatchObject(passing);
    const { writing } = checkWriteJsonLines(path.join(folder, "*.jsonl"));
    const written = stageOf(writeExpr(textExpr(file, { blockBytes: "4 GiB" }), writing), 1);
    expect(memoryOf(written)).toMatchObject({ class: "bounded", total: 144 * mib });
  });

  test("is the worker's where a function of the user's makes parts, or a part is held", () => {
    const all = { class: "declared", total: 1024 * mib };
    expect(memoryOf(fromMapExpr((n: number) => [n], [[1, 2]]))).toMatchObject(all);
    expect(memoryOf(listsExpr(textExpr(file), 1))).toMatchObject(all);
    const given = sequenceExpr([new Uint8Array(crypto.randomBytes(40 * mib))], { partitions: 1 });
    // 88 reserved + 1.25 · 40 of the part + 1.25 · 40 of the list that is written.
    const refused = refusalOf(() => memoryOf(listsExpr(given, 1), 187));
    expect(refused.message).toMatch(/^toDelayed: one task needs 188 MiB and a worker/);
    expect(memoryOf(listsExpr(given, 1), 189)).toMatchObject({ class: "declared" });
  });

  test("is what was declared, or the worker's, where one is, or where distinct keys decide", () => {
    const lines = textExpr(file);
    const upper = map(lines, (line: string) => line.toUpperCase());
    expect(countMemory(upper)).toMatchObject({ class: "declared", total: 1024 * mib });
    expect(memoryOf(frequencies(lines))).toMatchObject({ class: "declared", total: 1024 * mib });
    const declared = annotate({ memory: "100 MiB" }, () => map(lines, (line: string) => line));
    expect(memoryOf(declared)).toMatchObject({ class: "declared", total: 188 * mib });
  });

  test("is refused before it runs where a part that is held does not fit", () => {
    const part = sequenceExpr([new Uint8Array(crypto.randomBytes(40 * mib))], { partitions: 1 });
    const grouped = groupBy(part, (bytes: Uint8Array) => bytes[0], { partitions: 2 });
    // 88 reserved + 1.25 · 40 of the part + 32 at least of the stream.
    const refused = refusalOf(() => memoryOf(grouped, 160));
    expect(refused.code).toBe("OUT_OF_MEMORY");
    expect(refused.message).toMatch(/^groupBy: partition: one task needs 170 MiB and a worker/);
    expect(refused.fix).toMatch(/use chunks of at most .* MiB \(now 40.0 MiB\)/);
    expect(memoryOf(grouped, 176)).toMatchObject({ class: "declared" });
    expect(
      memoryOf(
        map(part, (bytes: Uint8Array) => bytes.length),
        128,
      ),
    ).toBeDefined();
  });
});
