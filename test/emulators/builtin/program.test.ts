import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../client/support.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { type FaultPlan, failNth } from "./faults.ts";

const folder = temporaryFolder();
let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** Runs one call in a program of its own: nothing but the library keeps such a process alive. */
async function runProgram(
  faults: FaultPlan,
  ...words: readonly string[]
): Promise<{ code: unknown; printed: string }> {
  await cloud.fresh();
  cloud.aws.lambda.faults = faults;
  const { deployment, aws } = cloud;
  const options = { endpoint: aws.endpoint, deployment, store: folder.path };
  const program = path.join(import.meta.dirname, "../programs/one-call.ts");
  const child = spawn(process.execPath, [program, JSON.stringify(options), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { code: child.exitCode, printed };
}

describe("a program that only computes on the cloud", () => {
  test("waits for its result while calls are throttled", async () => {
    const throttled = { kind: "refuse", status: 429, code: "TooManyRequestsException" } as const;
    const end = await runProgram(failNth("Invoke", [1, 2, 3], throttled));
    expect(end).toEqual({ code: 0, printed: "result 42\n" });
  });

  test("waits for its result while workers are lost", async () => {
    const end = await runProgram(failNth("Invoke", [1, 2], { kind: "reset" }));
    expect(end).toEqual({ code: 0, printed: "result 42\n" });
  });

  test("ends when that is done, though nobody closes its client", async () => {
    const end = await runProgram(() => undefined, "open");
    expect(end).toEqual({ code: 0, printed: "result 42\n" });
  });
});
