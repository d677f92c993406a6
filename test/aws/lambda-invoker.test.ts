import { describe, expect, test, vi } from "vitest";
import { LambdaInvoker } from "../../src/aws/lambda-invoker.ts";
import { decodePayload, encodePayload } from "../../src/aws/lambda-payload.ts";
import type { FunctionReply, LambdaPort } from "../../src/aws/lambda-port.ts";
import { decodeInvocation, encodeReply } from "../../src/backend/invocation-codec.ts";
import { type Invocation, protocolVersion, type TaskResult } from "../../src/backend/task.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { invocation } from "../local/fake-pool.ts";

const never = new AbortController().signal;
const measures = { startMs: 0, readMs: 0, runMs: 0, writeMs: 0, readBytes: 0, peakBytes: 0 };

/** A Lambda that does as it is told with each call. */
class FakeLambda implements LambdaPort {
  readonly calls: { readonly invocation: Invocation; readonly signal: AbortSignal }[] = [];
  closed = false;
  readonly #answer: (call: number, sent: Invocation, signal: AbortSignal) => Promise<FunctionReply>;

  constructor(
    answer: (call: number, sent: Invocation, signal: AbortSignal) => Promise<FunctionReply>,
  ) {
    this.#answer = answer;
  }

  invoke(_name: string, payload: string, signal: AbortSignal): Promise<FunctionReply> {
    const read = decodePayload(JSON.parse(payload));
    if (read.kind !== "message") throw new Error("of another version");
    const sent = decodeInvocation(read.bytes);
    this.calls.push({ invocation: sent, signal });
    return this.#answer(this.calls.length, sent, signal);
  }

  close(): void {
    this.closed = true;
  }
}

function invoker(port: LambdaPort, concurrency = 10): LambdaInvoker {
  const limits = { memoryBytes: 2 ** 30, functionMsMax: 60_000 };
  return new LambdaInvoker({ port, functionName: "worker", concurrency, ...limits });
}

function json(value: unknown, failed = false): FunctionReply {
  return { payload: new TextEncoder().encode(JSON.stringify(value)), failed };
}

function reply({ tasks }: Invocation, environment = "e1"): FunctionReply {
  const results = tasks.map(({ index, attempt }): TaskResult => {
    const output = { bytes: 1, rows: 1, checksum: 0, inline: Uint8Array.of(index) };
    return { status: "done", index, attempt, output, existed: false, lazy: false, measures };
  });
  const facts = { environment, invocations: 1, startMs: 150, answerMs: 2 };
  return json(encodePayload(encodeReply({ ...facts, results })));
}

function refusal(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error("said so"), { name, $metadata: { httpStatusCode } });
}

describe("an invoker of Lambda functions", () => {
  test("sends the invocation whole and gives its results, with one number per environment", async () => {
    const lambda = new FakeLambda(async (call, sent) => reply(sent, `e${call % 2}`));
    const calls = invoker(lambda);
    const sent = invocation(["a", "b"]);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push(await calls.invoke(sent, never));
    expect(lambda.calls[0]?.invocation).toEqual(sent);
    expect(outcomes.map(({ worker }) => worker)).toEqual([1, 2, 1]);
    expect(outcomes[0]).toMatchObject({
      kind: "answered",
      results: [
        { status: "done", index: 0, output: { inline: Uint8Array.of(0) } },
        { status: "done", index: 1 },
      ],
    });
    expect(calls.environments.measures).toEqual({
      replies: 3,
      answerMs: 6,
      coldStartMs: [150, 150, 150],
    });
  });

  test("calls no function beyond its slots, and as many more as it is scaled to", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const lambda = new FakeLambda(async (_, sent) => {
      await promise;
      return reply(sent);
    });
    const calls = invoker(lambda, 1);
    const told: number[] = [];
    calls.onSlots((slots) => told.push(slots));
    const first = calls.invoke(invocation(["a"]), never);
    const throttled = { kind: "lost", failure: { kind: "throttle" } };
    expect(await calls.invoke(invocation(["b"]), never)).toMatchObject(throttled);
    calls.scale({ min: 1, max: 2 });
    const second = calls.invoke(invocation(["c"]), never);
    expect(await calls.invoke(invocation(["d"]), never)).toMatchObject(throttled);
    resolve();
    expect((await first).kind).toBe("answered");
    expect((await second).kind).toBe("answered");
    expect(lambda.calls).toHaveLength(2);
    expect([calls.slots, told]).toEqual([2, [2]]);
  });

  test("says who is older when client and worker speak different protocols", async () => {
    const other = (protocol: number): LambdaInvoker =>
      invoker(new FakeLambda(async () => json(encodePayload(new Uint8Array(), protocol))));
    const older = await other(protocolVersion - 1).invoke(invocation(["a"]), never);
    const newer = await other(protocolVersion + 1).invoke(invocation(["a"]), never);
    expect(older).toMatchObject({
      failure: {
        kind: "mismatch",
        detail: expect.stringContaining("deploy the stack again") as unknown,
      },
    });
    expect(newer).toMatchObject({
      failure: {
        kind: "mismatch",
        detail: expect.stringContaining("update lambdask here") as unknown,
      },
    });
  });

  test("takes a cancelled call back at once, and hands the signal on", async () => {
    const lambda = new FakeLambda(
      (_, __, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    const controller = new AbortController();
    const running = invoker(lambda).invoke(invocation(["a"]), controller.signal);
    controller.abort();
    expect(await running).toMatchObject({ kind: "lost", failure: { kind: "returned" } });
    expect(lambda.calls[0]?.signal.aborted).toBe(true);
  });

  test("counts Lambda's own errors as flow control, but not for ever without a success between", async () => {
    const lambda = new FakeLambda(async (call, sent) => {
      if (call === 15) return reply(sent);
      throw refusal("ServiceException", 500);
    });
    const calls = invoker(lambda);
    const kinds: string[] = [];
    for (let i = 0; i < 40; i++) {
      const outcome = await calls.invoke(invocation(["a"]), never);
      kinds.push(outcome.kind === "lost" ? outcome.failure.kind : outcome.kind);
    }
    const times = (count: number, kind: string): string[] => new Array<string>(count).fill(kind);
    expect(kinds).toEqual([
      ...times(14, "throttle"),
      "answered",
      ...times(20, "throttle"),
      ...times(5, "worker-lost"),
    ]);
  });

  test("says so when all calls are refused for a minute, and waits on", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const calls = invoker(
      new FakeLambda(() => Promise.reject(refusal("TooManyRequestsException", 429))),
    );
    for (let second = 0; second < 90; second++) {
      const outcome = await calls.invoke(invocation(["a"]), never);
      expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "throttle" } });
      expect(warned).toHaveBeenCalledTimes(second < 60 ? 0 : 1);
      vi.advanceTimersByTime(1000);
    }
    warned.mockRestore();
    vi.useRealTimers();
  });

  test("lets batches that are too large come back in smaller ones; one task alone has an error with a fix", async () => {
    const tooLarge = [
      new FakeLambda(async () => {
        throw refusal("RequestTooLargeException", 413);
      }),
      new FakeLambda(async () =>
        json({ errorType: "Function.ResponseSizeTooLarge", errorMessage: "too large" }, true),
      ),
    ];
    for (const lambda of tooLarge) {
      const calls = invoker(lambda);
      expect(await calls.invoke(invocation(["a", "b"]), never)).toMatchObject({
        failure: { kind: "worker-lost" },
      });
      expect(await calls.invoke(invocation(["a"]), never)).toMatchObject({
        failure: { kind: "fatal", error: { fields: { code: "LIMIT" } } },
      });
    }
  });

  test("does not send what is larger than a call takes", async () => {
    const lambda = new FakeLambda(async (_, sent) => reply(sent));
    const random = seededRandom(1);
    const noise = Uint8Array.from({ length: 5_000_000 }, () => random.below(256));
    const [task] = invocation(["a"]).tasks;
    if (task === undefined) throw new Error("no task");
    const huge = { ...invocation(["a"]), tasks: [{ ...task, inputs: [[{ inline: noise }]] }] };
    expect(await invoker(lambda).invoke(huge, never)).toMatchObject({
      failure: { kind: "fatal", error: { fields: { code: "LIMIT" } } },
    });
    expect(lambda.calls).toEqual([]);
  });

  test("loses the worker over a reply that is none", async () => {
    for (const payload of ["", "null", '"lambdask/1/r/AAAA"', "{"]) {
      const bytes = new TextEncoder().encode(payload);
      const lambda = new FakeLambda(async () => ({ payload: bytes, failed: false }));
      const outcome = await invoker(lambda).invoke(invocation(["a"]), never);
      expect(outcome).toMatchObject({ kind: "lost", failure: { kind: "worker-lost" } });
    }
  });

  test("closes its connections", async () => {
    const lambda = new FakeLambda(async (_, sent) => reply(sent));
    await invoker(lambda).close();
    expect(lambda.closed).toBe(true);
  });
});
