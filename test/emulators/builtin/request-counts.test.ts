import { afterAll, beforeAll, expect, test } from "vitest";
import { fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { failNth, slowDown } from "./faults.ts";
import { workerKey } from "./request-log.ts";

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** What the servers saw of clients, counted. */
function seenOfClients(): Record<string, number> {
  const seen: Record<string, number> = {};
  for (const { caller, service, operation } of cloud.aws.log.requests) {
    if (caller === workerKey) continue;
    const name = `${service}:${operation}`;
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
}

test("a client knows how many requests it has sent, tried ones too, as the servers have seen them", async () => {
  await cloud.fresh();
  cloud.aws.s3.faults = failNth("PutObject", [1], slowDown);
  const client = await connect({ backend: cloud.backend(), progress: "none" });
  using kept = await fromSequence(["a", "b"], { partitions: 2 })
    .map((text) => text.repeat(100_000))
    .persist();
  expect((await kept.compute())[0]).toHaveLength(100_000);
  const future = client.submit(() => 1);
  expect(await future.result()).toBe(1);
  const { requests } = client.info();
  expect(requests["lambda:Invoke"]).toBeGreaterThanOrEqual(2);
  expect(requests["s3:PutObject"]).toBeGreaterThanOrEqual(2);
  expect(requests["s3:GetObject"]).toBeGreaterThanOrEqual(1);
  expect(requests).toEqual(seenOfClients());
  await client.close();
});
