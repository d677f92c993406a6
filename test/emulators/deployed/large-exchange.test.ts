import { expect, test } from "vitest";
import { connect } from "../../../src/index.ts";
import { failureKinds, observed } from "../builtin/observed.ts";
import { openCloud } from "../cloud.ts";
import { largeExchange } from "../programs/large-exchange.ts";

test("more data than all functions have memory for is exchanged, and none uses up its own", async () => {
  await using cloud = await openCloud();
  const { backend, outcomes } = observed(await cloud.backend().open());
  // Two functions run at once; what the stack has for each is known to the client.
  const memoryBytes = 2 * backend.limits.workerMemoryBytes;
  await using _client = await connect({ backend, progress: "none" });
  const exchange = largeExchange(1.05 * memoryBytes);
  expect(exchange.bytes).toBeGreaterThan(memoryBytes);
  expect(await exchange.compute()).toEqual(exchange.expected);
  expect(failureKinds(outcomes)).not.toContain("memory");
});
