import { afterAll, beforeAll, describe, test } from "vitest";
import { annotate } from "../../src/code/lazy/annotations.ts";
import { Bag } from "../../src/collections/bag/bag.ts";
import { distinct } from "../../src/collections/bag/distinct.ts";
import { flatten } from "../../src/collections/bag/flatten.ts";
import { foldBy } from "../../src/collections/bag/fold-by.ts";
import { frequencies } from "../../src/collections/bag/frequencies.ts";
import { fromDelayedExpr } from "../../src/collections/bag/from-delayed.ts";
import { sequenceExpr } from "../../src/collections/bag/from-sequence.ts";
import { groupBy } from "../../src/collections/bag/group-by.ts";
import { join } from "../../src/collections/bag/join.ts";
import { map } from "../../src/collections/bag/map.ts";
import { listsExpr } from "../../src/collections/bag/to-delayed.ts";
import { topk } from "../../src/collections/bag/topk.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { Bench, expectTight, mebibyte, stageOf } from "./support.ts";
import { inTurn } from "./turns.ts";

/** Workers that run one task each: the largest peak counts. */
const workers = 5;

/** Longer than on any machine that still works. */
const prepareMs = 300_000;

const on = new Bench(2048 * mebibyte);
afterAll(() => on[Symbol.dispose]());

/** `count` texts of `chars` random characters, which no compression makes smaller. */
function* noise(count: number, chars: number): Generator<string> {
  const { createCipheriv } = process.getBuiltinModule("node:crypto");
  for (let i = 0; i < count; i++) {
    const nonce = Buffer.alloc(16);
    nonce.writeUInt32LE(i, 0);
    const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), nonce);
    yield cipher.update(Buffer.alloc((chars * 3) / 4)).toString("base64");
  }
}

/** The same as one part of records. */
function texts(count: number, chars: number): Expr {
  return flatten(map(sequenceExpr([0]), () => noise(count, chars)));
}

/** Records of 1 KiB: on the heap 16 bytes more, and 8 in an array, so about as many bytes as objects as when encoded. */
const large = texts(96 * 1024, 1024);
const middle = texts(40 * 1024, 1024);
const medium = texts(64 * 1024, 1024);
const small = texts(24 * 1024, 1024);
const keys = texts(2 ** 20, 24);

const start = (text: string): string => text.slice(0, 12);
const bySlice = { onSelf: start, onOther: start };

/**
 * What a task takes that streams, beside what it holds: a young generation of 3 × 16 MiB, buffers that are not collected
 * yet. Declarations leave at least a quarter on both sides, to the most that was measured on idle cores and beside up to
 * nine busy neighbours per core, and to three times the least.
 */
const stream = 128;

const cases: readonly (readonly [string, number, readonly Expr[], () => Expr])[] = [
  // The bytes of its part, encoded, and those of the frames that they are copied into while they are written.
  [
    "groupBy: partition",
    96 + 96 + stream,
    [large],
    () => stageOf(groupBy(large, start, { partitions: 4 })),
  ],
  // The records as objects, and the groups that are let go of while they are written.
  ["groupBy", 64 + 64 + stream, [medium], () => groupBy(medium, start, { partitions: 1 })],
  // A table of 16 MiB, the one of the pass before, and what both were decoded from.
  [
    "join of large sides",
    4 * 16 + stream,
    [medium, middle],
    () => join(medium, middle, { ...bySlice, options: { partitions: 1 } }),
  ],
  // The small side as objects.
  [
    "join with a small side",
    24 + stream,
    [medium, small],
    () => join(medium, small, { ...bySlice, options: undefined }),
  ],
  // A table of 2^21 slots of 16 bytes and the one before it, half as large; 24 bytes and a start of 4 per key, in
  // buffers that double; a count; then the columns: 24 + 4 + 8 per key, and their bytes in a buffer that doubles.
  [
    "frequencies",
    32 + 16 + 2 * 28 + 16 + 36 + 72 + stream,
    [keys],
    () => stageOf(frequencies(keys)),
  ],
  // The same table, and the columns it is made of: their bytes, and as they are decoded. Pairs stream.
  [
    "frequencies: combine",
    32 + 16 + 2 * 28 + 16 + 2 * 36 + stream,
    [keys],
    () => frequencies(keys),
  ],
  // The table as before, with totals for counts, and its columns.
  ["foldBy", 32 + 16 + 2 * 28 + 16 + 36 + stream, [keys], () => stageOf(foldBy(keys, totals))],
  // The table of frequencies without counts, and its columns.
  ["distinct", 32 + 16 + 2 * 28 + 28 + 56 + stream, [keys], () => stageOf(distinct(keys))],
  // Records that stay, and their bytes in a buffer that doubles.
  ["topk", 16 + 3 * 16 + stream, [medium], () => stageOf(topk(medium, 16 * 1024))],
  // The records as objects, and their bytes in a buffer that doubles.
  ["toDelayed", 64 + 2 * 64 + stream, [medium], () => listsExpr(medium, 1)],
  // The bytes of a list, and its records as objects.
  ["fromDelayed", 64 + 64 + stream, [medium], () => fromDelayedExpr([new Bag(medium)])],
  // The records given are in the store and stream, and nothing else is held.
  ["map of fromSequence", 104, [], () => map(given(), (text: string) => text.toUpperCase())],
];

const totals = {
  key: (text: string) => text,
  binop: (total: number) => total + 1,
  options: { initial: 0, combine: (a: number, b: number) => a + b },
};

function given(): Expr {
  return sequenceExpr(noise(2 ** 17, 512), { partitions: 1 });
}

const chosen = inTurn(cases);
beforeAll(() => on.prepare(...new Set(chosen.flatMap(([, , inputs]) => inputs))), prepareMs);

describe("a task that holds more than a stream", () => {
  test.each(chosen)(
    "%s: takes no more than was declared, and the declaration is tight",
    async (_name, mib, inputs, write) => {
      const expr = annotate({ memory: mib * mebibyte }, write);
      await on.rehearse(expr, inputs);
      expectTight(await on.measure(expr, inputs, workers), "declared");
    },
  );
});
