import fc from "fast-check";
import { expect, test } from "vitest";
import type { KernelTask } from "../../src/backend/kernel.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { Block } from "../../src/chunk/block.ts";
import { decodeChunk, encodeChunk } from "../../src/chunk/codec.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { emitExchange, measuredPartBytes } from "../../src/plan/exchange.ts";
import type { Expr } from "../../src/plan/expr.ts";
import { exchangeKernels } from "../../src/worker/kernels/exchange.ts";
import { Executor, listOf } from "./support/execute.ts";
import { planOf } from "./support/plan.ts";
import { range } from "./support/range.ts";
import { exchange, packedChunks, toyExpr, toyKernels, toySource } from "./support/toy.ts";

const numbers = async (chunks: number, each: number): Promise<Expr> =>
  toySource(
    [chunks, 1],
    await packedChunks(range(chunks).map((c) => range(each).map((k) => c * each + k))),
  );

test("any number of producers and parts, direct or in two stages, gives each part its numbers in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      async (chunks, parts, directPartsMax) => {
        const plan = planOf([exchange(await numbers(chunks, 5), parts)], {
          options: { directPartsMax },
        });
        expect(plan.first.stages.some((stage) => stage.label === "split: combine")).toBe(
          parts > directPartsMax,
        );
        const { values } = await new Executor(toyKernels).run(plan);
        expect(values).toEqual([
          range(parts).map((p) => range(chunks * 5).filter((n) => n % parts === p)),
        ]);
      },
    ),
    { numRuns: 60 },
  );
});

test("a direct exchange of many chunks to many parts becomes one in two stages; what is still too much is refused", async () => {
  const data = await numbers(30, 1);
  const options = { directTransfersMax: 900 };
  expect(planOf([exchange(data, 30)], { options }).first.stages).toHaveLength(3);
  expect(planOf([exchange(data, 31)], { options }).first.stages).toHaveLength(4);
  // 31 parts: 6 fine in 6 coarse ones; 30 chunks in groups of 6: 30·6 + 5·31 = 335 reads.
  expect(() =>
    planOf([exchange(data, 31)], { options: { directTransfersMax: 335 } }),
  ).not.toThrow();
  expect(() => planOf([exchange(data, 31)], { options: { directTransfersMax: 334 } })).toThrow(
    /split: an exchange of 30 chunks to 31 parts takes 335 reads, more than 334/,
  );
});

test("bytes of every part are measured in one stage and in two", async () => {
  const child = await numbers(5, 40);
  for (const directPartsMax of [100, 2]) {
    let measured: Float64Array | undefined;
    const expr = toyExpr(
      "measure",
      (context, [input]) => {
        if (input === undefined) throw new Error("no child");
        const written = emitExchange(context, {
          role: "split",
          label: "split",
          count: input.count,
          slots: [{ stage: input.stage, mapping: { kind: "one" } }],
          steps: [{ operation: "toy.split", arguments: [{ input: 0 }], params: { parts: 7 } }],
          parts: 7,
          layout: undefined,
        });
        measured = measuredPartBytes(context, written);
        return measured === undefined ? { wait: written.measured } : input;
      },
      { children: [child] },
    );
    await new Executor(toyKernels).run(planOf([expr], { options: { directPartsMax } }));
    const expected = await Promise.all(
      range(7).map(async (part) => {
        const pieces = range(5).map((c) =>
          range(40)
            .map((k) => 40 * c + k)
            .filter((n) => n % 7 === part),
        );
        const encoded = await Promise.all(pieces.map(async (piece) => encodeChunk(piece)));
        return encoded.reduce(
          (sum, chunk) => sum + (chunk.kind === "whole" ? chunk.bytes.length : 0),
          0,
        );
      }),
    );
    expect([...(measured ?? [])]).toEqual(expected);
  }
});

test("pieces of every kind come out of two stages as they went in", async () => {
  const block = new Block("float64", [3], Float64Array.of(1, 2, 3));
  const written = await run("exchange.coarsen", {
    arguments: [new Partitioned(5, [Batches.of([1, 2]), undefined, block, Batches.of([]), [7]])],
    params: { coarse: 2, fine: 3 },
  });
  if (!(written instanceof Partitioned)) throw new Error("no parts");
  const [first, second] = await arrayOf(written.pieces);
  const regrouped = await run("exchange.regroup", {
    arguments: [listOf([first, second])],
    params: { fine: 3 },
  });
  if (!(regrouped instanceof Partitioned)) throw new Error("no parts");
  const opened: unknown[] = [];
  for (const piece of await arrayOf(regrouped.pieces)) {
    const list = await run("exchange.open", {
      arguments: [listOf([piece])],
      params: { producers: 2 },
    });
    for await (const one of list as AsyncIterable<unknown>)
      opened.push(one instanceof Batches ? await one.toArray() : one);
  }
  // Piece by piece what two producers wrote: pieces 0, 1, 2 of the one and 3, 4, 5 of the other.
  expect(opened).toEqual([[1, 2], undefined, undefined, [7], block, undefined]);
});

async function arrayOf(pieces: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const piece of pieces) {
    const encoded = await encodeChunk(piece, { wholeBytesMax: Number.POSITIVE_INFINITY });
    all.push(encoded.kind === "whole" ? decodeChunk(encoded.bytes) : undefined);
  }
  return all;
}

async function run(
  name: string,
  call: { arguments: readonly unknown[]; params: unknown },
): Promise<unknown> {
  const task = { report: () => {} } as unknown as KernelTask; // All that these kernels ask of it.
  return exchangeKernels[name]?.({ ...call, functions: [], shipped: [], task });
}
