import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workerHandler } from "../../../src/aws/deployment.ts";
import { connect, delayed } from "../../../src/index.ts";
import { errorOf, temporaryFolder } from "../../client/support.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";

const folder = temporaryFolder();
let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** Deploys `text` in place of the worker. */
async function deploy(name: string, text: string): Promise<void> {
  await cloud.fresh({ concurrency: 1 });
  const own = path.join(folder.path, name);
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, "handler.mjs"), text);
  await cloud.worker.replace({ ...cloud.worker.settings, folder: own, handler: workerHandler });
}

async function errorOfATask(): Promise<unknown> {
  await using _client = await connect({ backend: cloud.backend(), progress: "none" });
  return await errorOf(() => delayed((n: number) => n)(1).compute());
}

describe("a deployed function that is not what it should be", () => {
  test.each([
    ["has no handler", "export const other = 1;", "HandlerNotFound"],
    ["is no JavaScript", "export const = 1;", "UserCodeSyntaxError"],
    ["lacks a module", 'export { handler } from "./missing.mjs";', "missing.mjs"],
  ])("and %s: the error says so and how to cure it", async (name, text, said) => {
    await deploy(name, text);
    expect(await errorOfATask()).toMatchObject({
      code: "NO_WORKERS",
      message: expect.stringContaining(said) as unknown,
      fix: expect.stringContaining("deploy the stack again") as unknown,
    });
  });

  test("and is of another version: the error says which side to update", async () => {
    const text = 'export const handler = async () => "lambdask/999/r/";';
    await deploy("newer", text);
    expect(await errorOfATask()).toMatchObject({
      code: "MISMATCH",
      message: expect.stringContaining("update lambdask here") as unknown,
    });
  });

  test("and is not there: the error names it", async () => {
    await cloud.fresh();
    const deployment = { ...cloud.deployment, workerFunctionName: "nobody" };
    await using _client = await connect({
      backend: cloud.backend({ deployment }),
      progress: "none",
    });
    expect(await errorOf(() => delayed((n: number) => n)(1).compute())).toMatchObject({
      code: "NO_WORKERS",
      message: expect.stringContaining("nobody") as unknown,
      fix: expect.stringContaining("deploy") as unknown,
    });
    // No stack's policy allows to call another function, and every request is held against them.
    cloud.aws.log.clear();
  });
});

describe("the logs of workers", () => {
  test("have what user functions print, and nothing else: no payload, no captured value, no error", async () => {
    await cloud.fresh({ concurrency: 1 });
    await using _client = await connect({ backend: cloud.backend(), progress: "none" });
    const captured = "captured-7f3a";
    const fails = delayed((word: string) => {
      console.log("I print");
      throw new Error(`${word} ${captured}`);
    });
    expect(await errorOf(() => fails("argument-91bc").compute())).toMatchObject({
      cause: { message: "argument-91bc captured-7f3a" },
    });
    expect(cloud.worker.printed).toContain("I print");
    for (const word of [captured, "argument-91bc", "lambdask/"]) {
      expect(cloud.worker.printed).not.toContain(word);
    }
  });

  test("have no word of an error that comes when its task is long over", async () => {
    await cloud.fresh({ concurrency: 1 });
    await using _client = await connect({ backend: cloud.backend(), progress: "none" });
    const captured = "captured-4e1c";
    const leaves = delayed(
      (n: number) => {
        const late = (): void => {
          throw new RangeError(`too late: ${captured}`);
        };
        setTimeout(late, 200);
        return n;
      },
      { pure: false },
    );
    const next = delayed((n: number) => new Promise((resolve) => setTimeout(resolve, 400, n)), {
      pure: false,
    });
    // What is printed just between two calls is in no call's lines: then once more.
    while (!cloud.worker.printed.includes("thrown outside")) {
      expect(await leaves(1).compute()).toBe(1);
      expect(await next(2).compute()).toBe(2);
    }
    expect(cloud.worker.printed).toMatch(/RangeError\s+at .*late/);
    expect(cloud.worker.printed).not.toContain(captured);
  });
});
