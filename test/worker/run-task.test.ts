import { describe, expect, test } from "vitest";
import type { Step } from "../../src/backend/program.ts";
import { currentTask } from "../../src/base/current-task.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { readSummary } from "../../src/chunk/stored-chunk.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";
import { chunkBytes, done, inline, outputKey, TestWorker } from "./harness.ts";

const call: Step = { operation: "call", arguments: [{ input: 0 }, { input: 1 }], functions: [0] };
const callOne: Step = { ...call, arguments: [{ input: 0 }] };
const callNone: Step = { ...call, arguments: [] };

/** The value in the reply of the only task. */
function value(results: Awaited<ReturnType<TestWorker["run"]>>): unknown {
  const { inline } = done(results).output;
  if (inline === undefined) throw new Error("the output did not ride in the reply");
  return decodeChunk(inline);
}

describe("a task", () => {
  test("calls the user's function on its decoded inputs", async () => {
    const worker = new TestWorker();

    const results = await worker.run([call], [{ inputs: [[await inline(2)], [await inline(3)]] }], {
      functions: [(a: number, b: number) => a * 10 + b],
    });

    expect(value(results)).toBe(23);
  });

  test("runs its steps in order, each over inputs and earlier results", async () => {
    const steps: Step[] = [
      { operation: "call", arguments: [{ input: 0 }], functions: [0] },
      { operation: "identity", arguments: [{ step: 0 }] },
      { operation: "call", arguments: [{ step: 1 }, { input: 0 }, { step: 0 }], functions: [1] },
    ];

    const results = await new TestWorker().run(steps, [{ inputs: [[await inline(5)]] }], {
      functions: [async (a: number) => a + 1, (a: number, b: number, c: number) => [a, b, c]],
    });

    expect(value(results)).toEqual([6, 5, 6]);
  });

  test("tells the function its index, positions and own data", async () => {
    const task = { index: 7, positions: [[3, 4]], own: encodeValue({ from: 9n }), inputs: [] };

    const results = await new TestWorker().run([callNone], [task], {
      functions: [({ report: _, ...context }: { report: unknown }) => context],
    });

    expect(value(results)).toEqual({ index: 7, positions: [[3, 4]], own: { from: 9n } });
  });

  test("gets a slot of several chunks as a list, a part of a bag as an array", async () => {
    const inputs = [[await inline(Batches.of(["a", "b"])), await inline(Batches.of([]))]];

    const results = await new TestWorker().run([callOne], [{ inputs }], {
      functions: [(parts: unknown) => parts],
      singles: [false],
    });

    expect(value(results)).toEqual([["a", "b"], []]);
  });

  test("of many in one invocation answers as soon as it ends", async () => {
    const worker = new TestWorker();
    const seen: number[] = [];

    const results = await worker.run([callNone], [{}, {}, {}], {
      functions: [
        ({ index }: { index: number }) => {
          seen.push(worker.results.length);
          return index;
        },
      ],
    });

    expect(seen).toEqual([0, 1, 2]);
    expect(results).toEqual(worker.results);
    expect(results.map((result) => result.index)).toEqual([0, 1, 2]);
  });
});

describe("a task's inputs in the store", () => {
  const identity: Step = { operation: "call", arguments: [{ input: 0 }], functions: [0] };
  const same = [(input: unknown) => input];

  test("are read whole, and what was read is measured", async () => {
    const worker = new TestWorker();
    const bytes = await chunkBytes({ a: 1 });
    await worker.store.putIfAbsent(outputKey(90), bytes);

    const results = await worker.run([identity], [{ inputs: [[{ key: outputKey(90) }]] }], {
      functions: same,
    });

    expect(value(results)).toEqual({ a: 1 });
    expect(done(results).measures).toMatchObject({ startMs: 1000, readBytes: bytes.length });
  });

  test("are parts of exchanges, found by the reply's offsets or by the footer", async () => {
    const worker = new TestWorker();
    const pieces = [Batches.of([1, 2]), undefined, Batches.of([3])];
    const bytes = await chunkBytes(new Partitioned(3, pieces));
    await worker.store.putIfAbsent(outputKey(90), bytes);
    const { parts } = await summaryOf(bytes);
    const key = outputKey(90);
    const known = parts.map((part, i) => ({
      key,
      part: { part: i, offset: part.offset, length: part.length, checksum: part.checksum },
    }));
    const unknown = [0, 1, 2].map((part) => ({ key, part: { part } }));

    for (const refs of [known, unknown]) {
      const results = await worker.run([identity], [{ inputs: [refs] }], {
        functions: same,
        singles: [false],
      });
      expect(value(results)).toEqual([[1, 2], undefined, [3]]);
    }
  });
});

/** Where the parts of an exchange object lie, by its own footer. */
async function summaryOf(bytes: Uint8Array): Promise<{
  parts: readonly { offset: number; length: number; checksum: number }[];
}> {
  const range = async (offset: number, length: number): Promise<Uint8Array> =>
    bytes.subarray(offset, offset + length);
  const summary = await readSummary({
    end: async (length) => bytes.subarray(Math.max(0, bytes.length - length)),
    range,
    whole: async () => bytes,
    corrupt: (detail) => new Error(detail),
  });
  return { parts: summary.parts ?? [] };
}

describe("the current task", () => {
  test("is known to the user's function, also after it waited", async () => {
    const worker = new TestWorker();

    const results = await worker.run([callNone], [{ index: 4, attempt: 1 }], {
      functions: [
        async () => {
          const before = currentTask();
          await Promise.resolve();
          const after = currentTask();
          return [before?.name, after?.index, after?.attempt, after?.signal.aborted];
        },
      ],
      stage: { label: "pay" },
    });

    expect(value(results)).toEqual(["pay", 4, 1, false]);
    expect(currentTask()).toBe(undefined);
  });

  test("has a key that is the same for every attempt and different for any other task", async () => {
    const worker = new TestWorker();
    const keyOf = async (task: { index: number; attempt: number }, nonce = ""): Promise<unknown> =>
      value(
        await worker.run([callNone], [task], {
          functions: [() => currentTask()?.idempotencyKey],
          stage: { nonce },
        }),
      );

    const first = await keyOf({ index: 1, attempt: 1 });

    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await keyOf({ index: 1, attempt: 3 })).toBe(first);
    expect(await keyOf({ index: 2, attempt: 1 })).not.toBe(first);
    expect(await keyOf({ index: 1, attempt: 1 }, "another run")).not.toBe(first);
  });
});

describe("the overhead of trivial tasks", () => {
  test("has no look at the process's memory per task", async () => {
    const worker = new TestWorker();

    await worker.run(
      [callNone],
      Array.from({ length: 1000 }, () => ({})),
      {
        functions: [() => 1],
      },
    );

    expect(worker.peakReads).toBe(1);
  });
});
