import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { connect } from "../../src/index.ts";
import { type Cloud, openCloud } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** What the lifecycle rule does in the end. */
async function expire(): Promise<void> {
  const objects = await cloud.objects();
  await objects.deleteAll(await Array.fromAsync(objects.list("tmp/"), ({ key }) => key));
}

/** Numbers that are others each time they are made. */
const drawn = fromSequence([1, 2, 3, 4], { partitions: 4 }).map((n) => n + Math.random());
const drawnAnew = fromSequence([5, 6, 7, 8], { partitions: 4 }).map((n) => n + Math.random());

describe("when the rule for scratch has swept the bucket", () => {
  test("what was persisted is there, in the same program and in the next; what was not is computed again", async () => {
    await using client = await connect({ backend: cloud.backend(), progress: "none" });
    const kept = await drawn.persist();
    const values = await kept.compute();
    const others = await drawnAnew.compute({ reuse: true });
    expect(await drawnAnew.compute({ reuse: true })).toEqual(others);
    await expire();
    expect(await kept.compute()).toEqual(values);
    // Workers read it as well.
    expect(await kept.map((n) => n * 2).compute()).toEqual(values.map((n) => n * 2));
    const again = await drawnAnew.compute({ reuse: true });
    expect(again).not.toEqual(others);
    expect(again.map(Math.floor)).toEqual([5, 6, 7, 8]);
    await client.close();

    await using _next = await connect({ backend: cloud.backend(), progress: "none" });
    const found = await drawn.persist();
    expect(await found.compute()).toEqual(values);
    found.release();
  });
});
