import { InvokeCommand, type InvokeCommandInput } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorOf } from "../client/support.ts";
import { batteryLimits, type LambdaTarget, lambdaTarget } from "./lambda-target.ts";

// What the library relies on of a Lambda, case by case: an emulator that passes is worth being tested on.

let target: LambdaTarget;
beforeAll(async () => {
  target = await lambdaTarget();
});
afterAll(() => target[Symbol.asyncDispose]());

interface Answer {
  readonly status: number | undefined;
  /** Absent if the function did not fail. */
  readonly failed: string | undefined;
  readonly value: unknown;
  readonly logs: string;
}

async function call(event: unknown, more: Partial<InvokeCommandInput> = {}): Promise<Answer> {
  const payload = event === undefined ? {} : { Payload: JSON.stringify(event) };
  const input = { FunctionName: target.functionName, ...payload, ...more };
  const reply = await target.lambda.send(new InvokeCommand(input));
  const text = reply.Payload?.transformToString() ?? "";
  return {
    status: reply.StatusCode,
    failed: reply.FunctionError,
    value: text === "" ? undefined : JSON.parse(text),
    logs: Buffer.from(reply.LogResult ?? "", "base64").toString(),
  };
}

async function value(event: unknown): Promise<unknown> {
  const answer = await call(event);
  expect(answer).toMatchObject({ status: 200, failed: undefined });
  return answer.value;
}

async function refusal(run: () => Promise<unknown>): Promise<{ name: string; status: unknown }> {
  const error = (await errorOf(run)) as Error & { $metadata?: { httpStatusCode?: number } };
  return { name: error.name, status: error.$metadata?.httpStatusCode };
}

async function keys(prefix: string): Promise<number> {
  const command = new ListObjectsV2Command({ Bucket: target.bucket, Prefix: prefix });
  return (await target.s3.send(command)).KeyCount ?? 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const repeated = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe("a call", () => {
  test("gives the function's result: the first one, and the ones after it", async () => {
    const data = { list: [1, 2.5, "é"], none: null };
    expect(await value({ does: "echo", value: data })).toEqual(data);
    for (let i = 0; i < 20; i++) expect(await value({ does: "echo", value: i })).toBe(i);
  });

  test("has a context and the function's settings", async () => {
    const seen = await value({ does: "context" });
    expect(seen).toMatchObject({
      name: target.functionName,
      arn: expect.stringContaining(`:function:${target.functionName}`) as unknown,
      memory: String(batteryLimits.memoryMb),
      setting: "first",
      handler: "index.handler",
      root: true,
    });
    const { requestId, leftMs } = seen as { requestId: string; leftMs: number };
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(batteryLimits.timeoutS * 1000);
  });

  test("of nothing gives null", async () => {
    expect(await value({ does: "nothing" })).toBe(null);
  });

  test("takes lists, texts and numbers", async () => {
    for (const event of [[1, 2], "text", 7, null]) {
      expect(await value(event)).toEqual({ unknown: event });
    }
  });

  test("without a payload reaches the function as an empty record", async () => {
    expect((await call(undefined)).value).toEqual({ unknown: {} });
  });

  test("that is no JSON is refused", async () => {
    expect(await refusal(() => call(undefined, { Payload: "{no" }))).toEqual({
      name: "InvalidRequestContentException",
      status: 400,
    });
  });

  test("of an unknown function is refused", async () => {
    expect(await refusal(() => call({}, { FunctionName: "nobody" }))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
    });
  });

  test("carries almost six megabytes both ways", async () => {
    const long = "y".repeat(5_900_000);
    expect((await value({ does: "echo", value: long })) === long).toBe(true);
  });

  test("with more than that is refused", async () => {
    const event = { does: "echo", value: "y".repeat(6_400_000) };
    expect(await refusal(() => call(event))).toEqual({
      name: "RequestTooLargeException",
      status: 413,
    });
  });

  test("whose result is larger has failed", async () => {
    expect(await call({ does: "large", bytes: 6_400_000 })).toMatchObject({
      failed: "Unhandled",
      value: { errorType: "Function.ResponseSizeTooLarge" },
    });
  });

  test("gives the end of what was printed, if asked", async () => {
    const { logs } = await call({ does: "print", value: 42 }, { LogType: "Tail" });
    expect(logs).toContain("printed 42");
    expect((await call({ does: "print", value: 43 })).logs).toBe("");
  });

  test("may only be tried for permission", async () => {
    expect((await call({ does: "exit" }, { InvocationType: "DryRun" })).status).toBe(204);
  });
});

describe("environments", () => {
  test("run one call at a time, and are used again", async () => {
    const all = (): Promise<unknown[]> =>
      Promise.all(repeated(3, () => value({ does: "wait", ms: 400 })));
    const first = await all();
    expect(new Set(first).size).toBe(3);
    expect(new Set([...first, ...(await all())]).size).toBeLessThan(6);
  });

  test("are no more than reserved: further calls are throttled", async () => {
    await target.reserve(1);
    const calls = await Promise.allSettled(repeated(3, () => call({ does: "wait", ms: 600 })));
    await target.reserve(undefined);
    const refused = calls.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused.map(({ name, $metadata }) => [name, $metadata.httpStatusCode])).toEqual([
      ["TooManyRequestsException", 429],
      ["TooManyRequestsException", 429],
    ]);
  });

  test("start anew with other settings", async () => {
    const before = (await value({ does: "context" })) as { environment: string };
    await target.setVariables({ SETTING: "second" });
    const after = await value({ does: "context" });
    expect(after).toMatchObject({ setting: "second" });
    expect(after).not.toMatchObject({ environment: before.environment });
  });

  test("reach S3: ranges, and one winner of four conditional writes", async () => {
    const { bucket } = target;
    const put = new PutObjectCommand({ Bucket: bucket, Key: "in", Body: "abcdef" });
    await target.s3.send(put);
    expect(await value({ does: "read", bucket, key: "in" })).toBe("bcd");
    const race = { does: "race", bucket, key: "out" };
    const ends = await Promise.all(repeated(4, () => value(race)));
    expect(ends.toSorted()).toEqual(["lost", "lost", "lost", "won"]);
    const out = await target.s3.send(new GetObjectCommand({ Bucket: bucket, Key: "out" }));
    expect(await out.Body?.transformToString()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("a function that fails", () => {
  test("by an error says its class, message and trace, and its environment goes on", async () => {
    const before = (await value({ does: "context" })) as { environment: string };
    expect(await call({ does: "throw" })).toMatchObject({
      status: 200,
      failed: "Unhandled",
      value: {
        errorType: "ShapeError",
        errorMessage: "bad shape",
        trace: expect.any(Array) as unknown,
      },
    });
    expect(await value({ does: "context" })).toMatchObject({ environment: before.environment });
  });

  test("by something that is no error says what", async () => {
    expect(await call({ does: "rejectText" })).toMatchObject({
      failed: "Unhandled",
      value: { errorType: "string", errorMessage: "just a text" },
    });
  });

  test("by its end says so, and the next call has another environment", async () => {
    expect(await call({ does: "exit" })).toMatchObject({
      failed: "Unhandled",
      value: {
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringContaining("exit status 3") as unknown,
      },
    });
    expect(await value({ does: "echo", value: 1 })).toBe(1);
  });

  test("by an end after its answer fails no more than one call after it", async () => {
    await target.reserve(1);
    expect(await value({ does: "exitLater" })).toBe("answered");
    const answers: Answer[] = [];
    for (let i = 0; i < 4; i++) answers.push(await call({ does: "wait", ms: 100 }));
    await target.reserve(undefined);
    expect(answers.filter(({ failed }) => failed !== undefined).length).toBeLessThanOrEqual(1);
  });

  test("by a rejection that nobody handles ends", async () => {
    expect(await call({ does: "rejectUnseen" })).toMatchObject({
      failed: "Unhandled",
      value: { errorType: expect.stringMatching(/^Runtime\./) as unknown },
    });
  });

  test("by its memory is ended", async () => {
    expect(await call({ does: "useMemory" })).toMatchObject({
      failed: "Unhandled",
      value: { errorType: expect.stringMatching(/^Runtime\.(OutOfMemory|ExitError)$/) as unknown },
    });
  });

  test("by its time is ended at its limit", async () => {
    expect(await call({ does: "wait", ms: 30_000 })).toMatchObject({
      failed: "Unhandled",
      value: {
        errorMessage: expect.stringContaining(
          `timed out after ${batteryLimits.timeoutS.toFixed(2)} seconds`,
        ) as unknown,
      },
    });
  });
});

describe("an event", () => {
  test("is accepted at once and run later", async () => {
    const event = { does: "put", bucket: target.bucket, key: "event/" };
    expect((await call(event, { InvocationType: "Event" })).status).toBe(202);
    await until(async () => (await keys("event/")) === 1);
  });

  test("of more than a megabyte is refused", async () => {
    const event = { does: "echo", value: "y".repeat(1_100_000) };
    expect(await refusal(() => call(event, { InvocationType: "Event" }))).toEqual({
      name: "RequestTooLargeException",
      status: 413,
    });
  });

  test("whose function fails is tried three times", async () => {
    const event = { does: "putAndThrow", bucket: target.bucket, key: "tries/" };
    await call(event, { InvocationType: "Event" });
    await until(async () => (await keys("tries/")) === 3);
  });
});
