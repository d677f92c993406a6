import { type ByteSize, parseByteSize } from "../../base/byte-size.ts";
import { checkOptions, wholeNumber } from "../../base/check-options.ts";
import { badArgument } from "../../base/errors.ts";
import { encodeValue } from "../../chunk/value-codec.ts";
import { packBytes } from "../../client/graph/pack.ts";
import { emitExchange, stepsOver } from "../../plan/exchange.ts";
import type { Expr, Operation } from "../../plan/expr.ts";
import type { Layout, LowerContext, Lowered } from "../../plan/lower-context.ts";
import { listMemory, streamMemory } from "../../plan/memory-stream.ts";
import type { StageManifest } from "../../plan/stage.ts";
import { bagExpr, inputLayout, lowered, partitionsOf } from "./bag-expr.ts";
import { partitionsMax } from "./exchange.ts";

/** What partitions are wanted: one of them. */
export type RepartitionOptions =
  | {
      /** So many. Fewer than now: neighbours become one. More: cut into runs that differ by a record at the most. */
      readonly partitions: number;
      readonly bytes?: never;
    }
  | {
      /** At most so large as they are stored, of records of about equal size; small neighbours become one. Measures the bag first. */
      readonly bytes: ByteSize;
      readonly partitions?: never;
    };

type RepartitionParams = { readonly partitions: number } | { readonly bytes: number };

/** The same records in the same order, in other partitions. */
const repartitionOperation: Operation<RepartitionParams> = {
  name: "bag.repartition",
  version: 1,
  lower: (expr, context) => {
    const { params } = expr;
    const input = inputLayout(expr, context);
    if ("partitions" in params && params.partitions <= input.count) {
      const { partitions } = params;
      const firsts = Array.from({ length: partitions + 1 }, (_, i) =>
        Math.floor((i * input.count) / partitions),
      );
      return lowered(emitGathered(context, input, firsts));
    }
    const manifest = context.manifest(input.stage);
    if (manifest === undefined) return { kind: "wait", stage: input.stage };
    return "partitions" in params
      ? lowered(
          emitCut(context, input, {
            rows: manifest.rows,
            cuts: equalCuts(manifest, params.partitions),
          }),
        )
      : lowerByBytes(context, input, { manifest, bytes: params.bytes });
  },
};

/** Partition i is the input's partitions firsts[i] … firsts[i+1]−1. */
function emitGathered(context: LowerContext, input: Layout, firsts: readonly number[]): Layout {
  const count = firsts.length - 1;
  return context.emit({
    role: "gather",
    kind: "map",
    label: "repartition",
    memory: listMemory(),
    count,
    slots: [
      {
        stage: input.stage,
        mapping: {
          kind: "ranges",
          consumer: [count],
          producer: [input.count],
          starts: [Uint32Array.from(firsts.slice(0, -1))],
          ends: [Uint32Array.from(firsts.slice(1))],
        },
      },
    ],
    steps: [{ operation: "bag.concat", arguments: [{ input: 0 }] }],
    layout: { firsts },
  });
}

/** Where the records of a bag are cut: partition i is records cuts[i] … cuts[i+1]−1, counted over all partitions. */
interface Cut {
  /** Records of each partition of the input. */
  readonly rows: Float64Array;
  readonly cuts: readonly number[];
}

/** An exchange by number of record, which keeps the order, as its consumers read in order of producer. */
function emitCut(context: LowerContext, input: Layout, { rows, cuts }: Cut): Layout {
  const parts = cuts.length - 1;
  let first = 0;
  const own = Array.from(rows, (count) => {
    const bytes = encodeValue(runsOf(cuts, first, first + count));
    first += count;
    return bytes;
  });
  const exchange = emitExchange(context, {
    role: "cut",
    label: "repartition: cut",
    count: input.count,
    slots: [{ stage: input.stage, mapping: { kind: "one" } }],
    steps: [{ operation: "bag.cut", arguments: [{ input: 0 }], params: { parts } }],
    own: packBytes(own),
    memory: { ...streamMemory(1, { ends: false }), class: "declared" },
    parts,
    layout: { cuts },
  });
  return context.emit({
    role: "joined",
    kind: "map",
    label: "repartition",
    count: parts,
    slots: [exchange.slot],
    steps: stepsOver([exchange], (pieces) => [{ operation: "bag.concat", arguments: pieces }]),
    layout: { partitions: parts },
  });
}

/** The parts that records `start` … `end`−1 go to: the first of them, and how many records each gets. */
function runsOf(
  cuts: readonly number[],
  start: number,
  end: number,
): { readonly part: number; readonly counts: readonly number[] } {
  const part = Math.max(0, lastAtMost(cuts, start));
  const counts: number[] = [];
  for (let next = part, at = start; at < end && next + 1 < cuts.length; next++) {
    const to = Math.min(end, cuts[next + 1] ?? end);
    counts.push(to - at);
    at = to;
  }
  return { part, counts };
}

/** The last position whose number is at most `value`; numbers ascend. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function equalCuts({ rows }: StageManifest, partitions: number): number[] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: partitions + 1 }, (_, i) => Math.floor((i * total) / partitions));
}

function lowerByBytes(
  context: LowerContext,
  input: Layout,
  { manifest, bytes }: { readonly manifest: StageManifest; readonly bytes: number },
): Lowered {
  const { rows } = manifest;
  if (manifest.bytes.every((each) => each <= bytes)) {
    return lowered(emitGathered(context, input, gatherBelow(manifest.bytes, bytes)));
  }
  const pieces: { readonly rows: number; readonly bytes: number }[] = [];
  for (const [i, count] of rows.entries()) {
    const size = manifest.bytes[i] ?? 0;
    const runs = Math.max(1, Math.min(count, Math.ceil(size / bytes)));
    for (let run = 0; run < runs; run++) {
      const some = Math.floor(((run + 1) * count) / runs) - Math.floor((run * count) / runs);
      pieces.push({ rows: some, bytes: size / runs });
    }
  }
  const ends = gatherBelow(
    pieces.map((piece) => piece.bytes),
    bytes,
  );
  const before = [0];
  for (const piece of pieces) before.push((before.at(-1) ?? 0) + piece.rows);
  const cuts = ends.map((end) => before[end] ?? 0);
  wholeNumber("bag.repartition: partitions", cuts.length - 1, { min: 1, max: partitionsMax });
  return lowered(emitCut(context, input, { rows, cuts }));
}

/** Neighbours whose sizes sum up to `most` at the most, together: where each run of them starts, and the end. */
function gatherBelow(sizes: Iterable<number>, most: number): number[] {
  const firsts = [0];
  let sum = 0;
  let at = 0;
  for (const size of sizes) {
    if (sum + size > most && at > (firsts.at(-1) ?? 0)) {
      firsts.push(at);
      sum = 0;
    }
    sum += size;
    at++;
  }
  firsts.push(at);
  return firsts;
}

const where = "bag.repartition";

/** The bag of the same records in the partitions that `options` ask for. */
export function repartition(bag: Expr, options: RepartitionOptions): Expr {
  const { partitions, bytes } = checkOptions(where, options, ["partitions", "bytes"]);
  if ((partitions === undefined) === (bytes === undefined)) {
    throw badArgument(where, "either partitions or bytes", options);
  }
  if (partitions !== undefined) {
    wholeNumber(`${where}: partitions`, partitions, { min: 1, max: partitionsMax });
    if (partitionsOf(bag) === partitions) return bag;
    return bagExpr({
      operation: repartitionOperation,
      params: { partitions },
      children: [bag],
      partitions,
    });
  }
  const most = parseByteSize(bytes, `${where}: bytes`);
  return bagExpr({ operation: repartitionOperation, params: { bytes: most }, children: [bag] });
}
