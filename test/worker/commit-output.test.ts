import { describe, expect, test } from "vitest";
import type { Step } from "../../src/backend/program.ts";
import { inlineBytesMax } from "../../src/backend/task.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { decodeChunk } from "../../src/chunk/codec.ts";
import { commitOutput } from "../../src/worker/commit-output.ts";
import { TaskContext } from "../../src/worker/task-context.ts";
import { chunkBytes, done, failed, inline, outputKey, stageName, TestWorker } from "./harness.ts";

const callNone: Step = { operation: "call", arguments: [], functions: [0] };
const key = outputKey(0);

/** Bytes of no pattern, so that they cannot shrink below the limit. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The runner would compare large arrays element by element. */
function sameBytes(value: unknown, expected: Uint8Array): boolean {
  return value instanceof Uint8Array && Buffer.compare(value, expected) === 0;
}

describe("a task's output", () => {
  test("rides in the reply up to the limit, and is not written", async () => {
    const worker = new TestWorker();

    const results = await worker.run([callNone], [{}], { functions: [() => "small"] });

    const { output, existed } = done(results);
    expect(decodeChunk(output.inline ?? new Uint8Array())).toBe("small");
    expect(output.bytes).toBe(output.inline?.length);
    expect(existed).toBe(false);
    expect(await worker.store.get(key)).toBe(undefined);
  });

  test("is written when it is larger", async () => {
    const worker = new TestWorker();
    const large = noise(inlineBytesMax, 1);

    const results = await worker.run([callNone], [{}], { functions: [() => large] });

    const { output } = done(results);
    const stored = await worker.store.get(key);
    expect(output.inline).toBe(undefined);
    expect(output.bytes).toBe(stored?.length);
    expect(sameBytes(decodeChunk(stored ?? new Uint8Array(), output), large)).toBe(true);
  });

  test("is written however small when the stage wants it stored", async () => {
    const worker = new TestWorker();

    const results = await worker.run([callNone], [{}], {
      functions: [() => "small"],
      stage: { store: true },
    });

    expect(done(results).output.inline).toBe(undefined);
    expect(decodeChunk((await worker.store.get(key)) ?? new Uint8Array())).toBe("small");
  });

  test("streams from a part of a bag, with the summary of what was written", async () => {
    const worker = new TestWorker();
    const records = Array.from({ length: 50_000 }, (_, i) => ({ id: i, noise: i * 0.123 }));
    const steps: Step[] = [{ operation: "identity", arguments: [{ input: 0 }] }];

    const results = await worker.run(steps, [{ inputs: [[await inline(Batches.of(records))]] }]);

    const { output } = done(results);
    const stored = (await worker.store.get(key)) ?? new Uint8Array();
    expect(output).toMatchObject({ rows: 50_000, bytes: stored.length });
    const batches = decodeChunk(stored, { checksum: output.checksum }) as Batches;
    expect(await batches.toArray()).toEqual(records);
  });

  test.each([
    ["at once", (seed: number) => noise(100_000, seed)],
    ["as a stream", (seed: number) => noise(3_000_000, seed)],
  ])(
    "that is there already is told as it is stored, never as it was made (%s)",
    async (_, make) => {
      const worker = new TestWorker();
      const winner = await worker.run([callNone], [{}], { functions: [() => make(1)] });

      const loser = await worker.run([callNone], [{}], { functions: [() => make(2)] });

      expect(done(winner).existed).toBe(false);
      expect(done(loser).existed).toBe(true);
      expect(done(loser).output).toEqual(done(winner).output);
      const stored = (await worker.store.get(key)) ?? new Uint8Array();
      expect(sameBytes(decodeChunk(stored), make(1))).toBe(true);
    },
  );

  test("is looked for before a second attempt runs anything", async () => {
    const worker = new TestWorker();
    let runs = 0;
    const functions = [
      () => {
        runs++;
        return noise(100_000, 1);
      },
    ];
    const first = await worker.run([callNone], [{}], { functions });

    const second = await worker.run([callNone], [{ attempt: 2 }], { functions });

    expect(runs).toBe(1);
    expect(done(second)).toMatchObject({ existed: true, attempt: 2 });
    expect(done(second).output).toEqual(done(first).output);
  });

  test("is made by a second attempt when the first left nothing", async () => {
    const results = await new TestWorker().run([callNone], [{ attempt: 2 }], {
      functions: [() => "made"],
    });

    expect(done(results)).toMatchObject({ existed: false });
  });

  test("that is damaged in the store fails the task that finds it, naming the chunk", async () => {
    const worker = new TestWorker();
    const bytes = await chunkBytes(noise(100_000, 1));
    await worker.store.putIfAbsent(key, bytes.subarray(0, -1));

    const again = await worker.run([callNone], [{ attempt: 2 }], { functions: [() => 1] });
    const beside = await worker.run([callNone], [{}], { functions: [() => noise(100_000, 1)] });

    for (const results of [again, beside]) {
      expect(failed(results).failure).toMatchObject({ kind: "corrupt-input", key });
    }
  });

  test("carries what the operation reported, asked for when the output is complete", async () => {
    const around = { environment: new TestWorker().environment, stop: AbortSignal.abort() };
    const stage = {
      name: stageName,
      label: "",
      count: 1,
      singles: [],
      store: false,
      nonce: "",
    };
    const task = new TaskContext(stage, { index: 0, attempt: 1, inputs: [] }, around);
    function* batches(): Generator<readonly number[]> {
      yield [3, 1];
      task.report({ least: 1 });
    }

    const { output } = await commitOutput(new Batches(batches()), task, stage);

    expect(output).toMatchObject({ rows: 2, statistics: { least: 1 } });
  });

  test("is marked as lazy when it is, also when it was found in the store", async () => {
    const worker = new TestWorker();
    const toData = Symbol.for("lambdask.toData");
    const functions = [() => ({ [toData]: () => ({ "lambdask.lazy": 1 }) })];
    const stage = { store: true };

    const made = await worker.run([callNone], [{}], { functions, stage });
    const found = await worker.run([callNone], [{ attempt: 2 }], { functions, stage });

    expect(done(made).lazy).toBe(true);
    expect(done(found)).toMatchObject({ lazy: true, existed: true });
  });
});
