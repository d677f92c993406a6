import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, delayed } from "../../../src/index.ts";
import { errorOf } from "../../client/support.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { largeExchange } from "../programs/large-exchange.ts";
import { failureKinds, observed } from "./observed.ts";

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

describe("a worker function", () => {
  test("that uses more and more memory answers before it is ended; one that takes it at once is ended", async () => {
    await cloud.fresh({ concurrency: 1, memoryMb: 256 });
    const { backend, outcomes } = observed(await cloud.backend().open());
    await using _client = await connect({ backend, progress: "none" });
    const grow = delayed(async (stepMb: number, waitMs: number) => {
      const held: Uint8Array[] = [];
      for (let i = 0; i < 400 / stepMb; i++) {
        held.push(new Uint8Array(stepMb * 2 ** 20).fill(1));
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
      return held.length;
    });
    const outOfMemory = { code: "OUT_OF_MEMORY" };
    expect(await errorOf(() => grow(4, 10).compute())).toMatchObject(outOfMemory);
    const answers = outcomes.filter(({ results, worker }) => worker > 0 || results.length > 0);
    expect(failureKinds(answers)).toEqual(["memory"]);
    expect(await errorOf(() => grow(400, 0).compute())).toMatchObject(outOfMemory);
    // What it was called for while it was ending came back unrun.
    expect(failureKinds(outcomes).filter((kind) => kind !== "returned")).toEqual(["memory"]);
    expect(await delayed((n: number) => n)(1).compute()).toBe(1);
  });

  test("that never gives its time back is ended by Lambda at its limit", async () => {
    await cloud.fresh({ concurrency: 1, timeoutS: 2 });
    const { backend, outcomes } = observed(await cloud.backend().open());
    await using _client = await connect({ backend, progress: "none" });
    const spin = delayed(() => {
      for (;;);
    });
    expect(await errorOf(() => spin().compute())).toMatchObject({ code: "TASK_TIMEOUT" });
    expect(failureKinds(outcomes)).toEqual(["timeout"]);
    expect(await delayed((n: number) => n)(1).compute()).toBe(1);
  });

  test("exchanges more data than all functions have memory for, and none uses up its own", async () => {
    await cloud.fresh({ concurrency: 2, memoryMb: 256 });
    const { backend, outcomes } = observed(await cloud.backend().open());
    await using _client = await connect({ backend, progress: "none" });
    const exchange = largeExchange(640_000_000);
    expect(exchange.bytes).toBeGreaterThan(2 * 256 * 2 ** 20);
    expect(await exchange.compute()).toEqual(exchange.expected);
    expect(failureKinds(outcomes)).not.toContain("memory");
  });
});
