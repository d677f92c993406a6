import { describe, expect, test } from "vitest";
import { failureOfFunction } from "../../src/aws/function-failure.ts";
import { troubleOf } from "../../src/aws/service-failure.ts";

const memoryBytes = 512 * 2 ** 20;

function ofFunction(errorType: string, errorMessage: string): unknown {
  const payload = new TextEncoder().encode(JSON.stringify({ errorType, errorMessage }));
  return failureOfFunction(payload, { memoryBytes });
}

const request = "RequestId: 8f5e Error:";

describe("what a failed function means for its tasks", () => {
  test.each([
    [
      "Sandbox.Timedout",
      `${request} Task timed out after 3.00 seconds`,
      { kind: "timeout", afterMs: 3000 },
    ],
    // The older form: no type of its own.
    [
      "",
      "2026-01-01T00:00:00.000Z 8f5e Task timed out after 900.10 seconds",
      { kind: "timeout", afterMs: 900_100 },
    ],
    [
      "Runtime.OutOfMemory",
      `${request} Runtime exited with error: signal: killed`,
      { kind: "memory", peakBytes: memoryBytes },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited with error: signal: killed`,
      { kind: "memory" },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited with error: signal: aborted`,
      { kind: "memory" },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited with error: exit status 91`,
      { kind: "returned" },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited with error: exit status 1`,
      { kind: "worker-lost" },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited with error: exit status 911`,
      { kind: "worker-lost" },
    ],
    [
      "Runtime.ExitError",
      `${request} Runtime exited without providing a reason`,
      { kind: "worker-lost" },
    ],
    [
      "Runtime.ImportModuleError",
      "Error: Cannot find module 'handler'",
      { kind: "fatal", error: { fields: { code: "NO_WORKERS" } } },
    ],
    ["Runtime.HandlerNotFound", "handler.handler is undefined or not exported", { kind: "fatal" }],
    [
      "TypeError",
      "x is not a function",
      { kind: "worker-lost", detail: expect.stringContaining("x is not a function") as unknown },
    ],
    ["Runtime.UnhandledPromiseRejection", "late", { kind: "worker-lost" }],
  ])("%s: %s", (type, message, expected) => {
    expect(ofFunction(type, message)).toMatchObject(expected);
  });

  test("a reply that is too large is told apart, for smaller batches cure it", () => {
    expect(ofFunction("Function.ResponseSizeTooLarge", "Response payload size exceeded")).toBe(
      "too-large",
    );
  });

  test("a payload that is no JSON loses the worker and is told", () => {
    const payload = new TextEncoder().encode("<html>");
    expect(failureOfFunction(payload, { memoryBytes })).toEqual({
      kind: "worker-lost",
      detail: "a worker function failed: Error: <html>",
    });
  });
});

function refusal(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error("said so"), { name, $metadata: { httpStatusCode } });
}

describe("what an error of the call means", () => {
  test.each([
    ["TooManyRequestsException", 429, "throttle"],
    ["SomethingNew", 429, "throttle"],
    ["EC2ThrottledException", 502, "throttle"],
    ["ENILimitReachedException", 502, "throttle"],
    ["AccessDeniedException", 403, "fatal"],
    ["UnrecognizedClientException", 403, "fatal"],
    ["ResourceNotFoundException", 404, "fatal"],
    ["InvalidRequestContentException", 400, "fatal"],
    ["KMSDisabledException", 502, "fatal"],
  ])("%s with status %i is %s", (name, status, kind) => {
    expect(troubleOf(refusal(name, status), "worker")).toMatchObject({
      kind: "failure",
      failure: { kind },
    });
  });

  test.each([
    ["ServiceException", 500],
    ["SomethingNew", 503],
    ["ResourceConflictException", 409],
    ["ResourceNotReadyException", 502],
  ])("%s with status %i is Lambda's own trouble", (name, status) => {
    expect(troubleOf(refusal(name, status), "worker").kind).toBe("service");
  });

  test("a message that is too large is told apart", () => {
    expect(troubleOf(refusal("RequestTooLargeException", 413), "worker").kind).toBe("too-large");
  });

  test.each(["ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT"])(
    "a connection that ends by %s may have lost a reply",
    (code) => {
      const error = Object.assign(new Error("socket"), { code });
      expect(troubleOf(error, "worker")).toMatchObject({
        kind: "failure",
        failure: { kind: "worker-lost", detail: expect.stringContaining(code) as unknown },
      });
    },
  );

  test("no credentials are somebody's to set up, and the fix says so", () => {
    const error = Object.assign(new Error("Could not load credentials"), {
      name: "CredentialsProviderError",
    });
    expect(troubleOf(error, "worker")).toMatchObject({
      failure: {
        kind: "fatal",
        error: { fields: { fix: expect.stringContaining("credentials") as unknown } },
      },
    });
  });
});
