import { describe, expect, test } from "vitest";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { Failure } from "../../src/backend/failure.ts";
import type { Step } from "../../src/backend/program.ts";
import { currentTask } from "../../src/base/current-task.ts";
import { type ErrorCode, LambdaskError } from "../../src/base/errors.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { failCurrentTask } from "../../src/worker/current-task.ts";
import { chunkBytes, done, failed, inline, outputKey, TestWorker } from "./harness.ts";

const callNone: Step = { operation: "call", arguments: [], functions: [0] };
const identity: Step = { operation: "identity", arguments: [{ input: 0 }] };
const key = outputKey(90);

/** The failure of a task whose function throws `thrown`. */
async function failureOfThrowing(thrown: unknown): Promise<unknown> {
  const fail = (): never => {
    throw thrown;
  };
  return failed(await new TestWorker().run([callNone], [{}], { functions: [fail] })).failure;
}

/** A worker whose store fails each call named in `calls` with `error`. */
function workerOnStore(calls: Partial<Record<keyof ChunkStore, unknown>>): TestWorker {
  const worker = new TestWorker();
  const { memory } = worker;
  const failing = <Call extends (...args: never[]) => unknown>(
    name: keyof ChunkStore,
    call: Call,
  ): Call =>
    ((...args: never[]) => (name in calls ? Promise.reject(calls[name]) : call(...args))) as Call;
  worker.store = {
    get: failing("get", memory.get.bind(memory)),
    getRange: failing("getRange", memory.getRange.bind(memory)),
    putIfAbsent: failing("putIfAbsent", memory.putIfAbsent.bind(memory)),
    list: memory.list.bind(memory),
    delete: memory.delete.bind(memory),
  };
  return worker;
}

describe("what the user's function throws", () => {
  test("is told with class, message, stack, own fields and cause", async () => {
    class PaymentError extends Error {
      readonly order = 7;
    }
    const cause = Object.assign(new RangeError("inner"), { code: "E_LOW" });

    const failure = await failureOfThrowing(new PaymentError("outer", { cause }));

    expect(failure).toMatchObject({
      kind: "user",
      error: {
        name: "PaymentError",
        message: "outer",
        stack: expect.stringMatching(/^Error: outer\n +at .*failures\.test/) as unknown,
        fields: { order: 7 },
        cause: { name: "RangeError", message: "inner", fields: { code: "E_LOW" } },
      },
    });
  });

  test("is told when it is no error, or gathers errors, or rejects", async () => {
    expect(await failureOfThrowing({ a: 1 })).toMatchObject({
      kind: "user",
      error: { name: "", thrown: { a: 1 } },
    });
    expect(await failureOfThrowing(undefined)).toMatchObject({
      kind: "user",
      error: { name: "", message: "undefined", thrown: undefined },
    });
    expect(await failureOfThrowing(new AggregateError([new Error("a"), 2], "both"))).toMatchObject({
      kind: "user",
      error: { name: "AggregateError", errors: [{ message: "a" }, { name: "", thrown: 2 }] },
    });
    const rejects = async (): Promise<never> => {
      await Promise.resolve();
      throw new TypeError("later");
    };
    const results = await new TestWorker().run([callNone], [{}], { functions: [rejects] });
    expect(failed(results).failure).toMatchObject({ kind: "user", error: { name: "TypeError" } });
  });

  test("never grows large, loops or fails to be told", async () => {
    const error = Object.assign(new Error("x".repeat(1_000_000)), {
      huge: "y".repeat(1_000_000),
      socket: new (class Socket {})(),
      kept: "z",
    });
    error.cause = error;
    Object.defineProperty(error, "trap", {
      enumerable: true,
      get: () => {
        throw new Error("trap");
      },
    });

    const failure = await failureOfThrowing(error);

    expect(failure).toMatchObject({ kind: "user", error: { fields: { kept: "z" } } });
    expect(JSON.stringify(failure).length).toBeLessThan(2_000_000);
    expect(JSON.stringify(failure)).not.toContain("yyyy");
  });

  test("in the middle of a stream of output is still the user's error", async () => {
    const worker = new TestWorker();
    const records = Array.from({ length: 20_000 }, (_, i) => `record number ${i} ${i * 7919}`);
    const steps: Step[] = [{ operation: "bag.map", arguments: [{ input: 0 }], functions: [0] }];

    const results = await worker.run(steps, [{ inputs: [[await inline(Batches.of(records))]] }], {
      functions: [
        (record: string) => {
          if (record.startsWith("record number 19000 ")) throw new RangeError(record);
          return record;
        },
      ],
    });

    expect(failed(results).failure).toMatchObject({ kind: "user", error: { name: "RangeError" } });
    expect(await worker.store.get(outputKey(0))).toBe(undefined);
  });

  test("fails that task alone, not its neighbours", async () => {
    const results = await new TestWorker().run([callNone], [{}, {}, {}], {
      functions: [
        ({ index }: { index: number }) => {
          if (index === 1) throw new Error("one");
          return index;
        },
      ],
    });

    expect(results.map((result) => result.status)).toEqual(["done", "failed", "done"]);
  });

  test.each<[ErrorCode, string]>([
    ["NOT_DATA", "user"],
    ["CANNOT_SHIP", "user"],
    ["BAD_ARGUMENT", "user"],
    ["SOURCE", "fatal"],
    ["STORE", "fatal"],
    ["BUG", "fatal"],
    ["MISMATCH", "mismatch"],
    ["OUT_OF_MEMORY", "memory"],
  ])("as our own %s is a failure of kind %s", async (code, kind) => {
    expect(await failureOfThrowing(new LambdaskError(code, { message: "m" }))).toMatchObject({
      kind,
    });
  });

  test("for want of memory is of that kind, with the peak", async () => {
    expect(await failureOfThrowing(new RangeError("Array buffer allocation failed"))).toEqual({
      kind: "memory",
      detail: "Array buffer allocation failed",
      peakBytes: 12_345,
    });
  });

  test("about the user's own full disk is the user's error", async () => {
    const error = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
    expect(await failureOfThrowing(error)).toMatchObject({ kind: "user" });
  });

  test("is about what it returned, when that is not data", async () => {
    const results = await new TestWorker().run([callNone], [{}], {
      functions: [() => ({ client: new (class Socket {})() })],
    });

    expect(failed(results).failure).toMatchObject({
      kind: "user",
      error: {
        name: "LambdaskError",
        message: expect.stringContaining("result.client: an instance of Socket") as unknown,
        fields: { code: "NOT_DATA" },
      },
    });
  });
});

describe("an input", () => {
  const part = { part: 0, offset: 8, length: 44, checksum: 1 };

  test.each([
    ["whole", { key }],
    ["as a part", { key, part }],
    ["as a part of unknown place", { key, part: { part: 0 } }],
  ])("that is not in the store is lost (%s)", async (_, ref) => {
    for (const singles of [[true], [false]]) {
      const results = await new TestWorker().run(
        [{ ...callNone, arguments: [{ input: 0 }] }],
        [{ inputs: [[ref]] }],
        {
          functions: [(value: unknown) => value],
          singles,
        },
      );
      expect(failed(results).failure).toEqual({ kind: "lost-input", key });
    }
  });

  test("whose bytes are wrong is corrupt, and named", async () => {
    const worker = new TestWorker();
    const bytes = Uint8Array.from(await chunkBytes(["some", "value"]));
    bytes[12] = (bytes[12] ?? 0) ^ 1;
    await worker.store.putIfAbsent(key, bytes);

    const results = await worker.run([identity], [{ inputs: [[{ key }]] }]);

    expect(failed(results).failure).toMatchObject({
      kind: "corrupt-input",
      key,
      detail: expect.stringContaining("checksum") as unknown,
    });
  });

  test("that is another part than the one that was written is corrupt", async () => {
    const worker = new TestWorker();
    await worker.store.putIfAbsent(key, await chunkBytes(new Partitioned(2, ["a", "b"])));

    const wrong = await worker.run([identity], [{ inputs: [[{ key, part }]] }]);
    const missing = await worker.run([identity], [{ inputs: [[{ key, part: { part: 2 } }]] }]);

    expect(failed(wrong).failure).toMatchObject({ kind: "corrupt-input", key });
    expect(failed(missing).failure).toMatchObject({ kind: "corrupt-input", key });
  });

  test("whose damage shows only while it is read is corrupt all the same", async () => {
    const worker = new TestWorker();
    const records = Array.from({ length: 100_000 }, (_, i) => (i * 0.123).toString());
    const bytes = Uint8Array.from(await chunkBytes(Batches.of(records)));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await worker.store.putIfAbsent(key, bytes);

    const results = await worker.run(
      [{ operation: "bag.size", arguments: [{ input: 0 }] }],
      [{ inputs: [[{ key }]] }],
    );

    expect(failed(results).failure).toMatchObject({ kind: "corrupt-input", key });
  });
});

describe("a store", () => {
  const large = (): unknown => new Uint8Array(100_000);
  const full = new LambdaskError("STORE", { message: "the disk is full" });

  test("that no retry can cure is fatal, when read and when written", async () => {
    const reading = workerOnStore({ getRange: full });
    const writing = workerOnStore({ putIfAbsent: full });

    const read = await reading.run([identity], [{ inputs: [[{ key }]] }]);
    const written = await writing.run([callNone], [{}], { functions: [large] });

    for (const results of [read, written]) {
      expect(failed(results).failure).toMatchObject({
        kind: "fatal",
        error: { fields: { code: "STORE" } },
      });
    }
  });

  test("that fails for now makes the task run again, and is never the user's error", async () => {
    const worker = workerOnStore({ putIfAbsent: new Error("EIO") });

    const results = await worker.run([callNone], [{}], { functions: [large] });

    expect(failed(results).failure).toMatchObject({
      kind: "store",
      detail: "EIO",
    });
  });
});

describe("an invocation", () => {
  test("of another protocol is a mismatch for each of its tasks", async () => {
    const results = await new TestWorker().run([callNone], [{}, {}], {
      functions: [() => 1],
      invocation: { protocol: 999 },
    });

    expect(results.map((result) => result.status === "failed" && result.failure.kind)).toEqual([
      "mismatch",
      "mismatch",
    ]);
  });

  test("with an operation that this worker does not know is a mismatch", async () => {
    const results = await new TestWorker().run([{ operation: "toString", arguments: [] }], [{}]);

    expect(failed(results).failure).toMatchObject({ kind: "mismatch" });
  });

  test("that is cancelled gives back what has not run, and what it stopped", async () => {
    const worker = new TestWorker();

    const results = await worker.run([callNone], [{}, {}, {}], {
      functions: [
        ({ index }: { index: number }) => {
          if (index === 0) return "done";
          worker.controller.abort();
          throw new Error("stopped");
        },
      ],
    });

    expect(
      results.map((result) => (result.status === "done" ? "done" : result.failure.kind)),
    ).toEqual(["done", "returned", "returned"]);
  });

  test("goes on with no step and stores nothing once a stray error has failed it", async () => {
    const worker = new TestWorker();
    const gate = Promise.withResolvers<void>();
    const ran: string[] = [];
    const step = async (): Promise<string> => {
      queueMicrotask(() => failCurrentTask(new RangeError("stray")));
      await gate.promise;
      ran.push("step");
      return "late";
    };
    const next = { operation: "call", arguments: [{ step: 0 }], functions: [1] };
    const functions = [step, () => ran.push("next")];

    const two = await worker.run([callNone, next], [{}], { functions });
    const one = await worker.run([callNone], [{}], { functions, stage: { store: true } });
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));

    for (const results of [two, one]) {
      expect(failed(results).failure).toMatchObject({ error: { message: "stray" } });
    }
    expect(ran).toEqual(["step", "step"]);
    expect(await worker.memory.get(outputKey(0))).toBeUndefined();
  });

  describe("that is told that nobody wants its result", () => {
    /** Answers of three tasks: task 0 tells itself and task 2 with its function `run`. */
    const answers = async (run: () => unknown, why: Failure): Promise<unknown[]> => {
      const worker = new TestWorker();
      const functions = [
        ({ index }: { index: number }) => {
          if (index !== 0) return index;
          worker.unwanted.tell([0, 2], why);
          return run();
        },
      ];
      const results = await worker.run([callNone], [{}, {}, {}], { functions });
      return results.map((result) => (result.status === "done" ? "done" : result.failure));
    };
    const returned = { kind: "returned" } as const;

    test("goes on if it does not listen; what has not begun does not begin", async () => {
      expect(await answers(() => "whole", returned)).toEqual(["done", "done", returned]);
    });

    test("gives nothing that counts if it has looked, whatever it gives or throws", async () => {
      const late = { kind: "timeout", afterMs: 5 } as const;
      const half = (): unknown => currentTask()?.signal.aborted;
      const stop = (): unknown => currentTask()?.signal.throwIfAborted();
      expect(await answers(half, returned)).toEqual([returned, "done", returned]);
      expect(await answers(stop, returned)).toEqual([returned, "done", returned]);
      expect(await answers(stop, late)).toEqual([late, "done", returned]);
    });

    test("has failed by what it throws if it does not listen", async () => {
      const [first] = await answers(() => {
        throw new RangeError("no");
      }, returned);
      expect(first).toMatchObject({ kind: "user", error: { name: "RangeError" } });
    });
  });

  test("gives back the tasks for which there is no time left", async () => {
    const worker = new TestWorker();

    const results = await worker.run([callNone], [{}, {}, {}, {}], {
      functions: [
        () => {
          worker.nowMs += 40;
        },
      ],
      invocation: { timeoutMs: 100 },
    });

    // Two tasks took 80 of 100 ms; a third like them would end at 120.
    expect(
      results.map((result) => (result.status === "done" ? "done" : result.failure.kind)),
    ).toEqual(["done", "done", "returned", "returned"]);
    expect(done(results.slice(0, 1)).measures).toMatchObject({ runMs: 40, startMs: 1000 });
  });
});
