import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { type Client, connect, type Delayed, delayed } from "../../src/index.ts";
import { errorOf } from "../client/support.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { type Cloud, openCloud } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** A program on a machine of its own. */
async function withProgram<T>(run: (client: Client) => Promise<T>): Promise<T> {
  using folder = temporaryFolder();
  const backend = cloud.backend({ store: folder.path });
  await using client = await connect({ backend, progress: "none" });
  return await run(client);
}

async function keysUnder(prefix: string): Promise<string[]> {
  return await Array.fromAsync((await cloud.objects()).list(prefix), ({ key }) => key);
}

test("what is published on one machine is there on another, when all scratch is gone, until it is unpublished", async () => {
  const drawn = fromSequence([1, 2, 3, 4, 5, 6], { partitions: 3 }).map((n) => n + Math.random());
  const [keptBefore, notesBefore] = [await keysUnder("keep/"), await keysUnder("kept/")];
  const values = await withProgram(async (client) => {
    await client.publish("numbers", drawn);
    await client.publish("large", delayed(() => new Float64Array(20_000).fill(7))());
    return await (await client.published<Bag<number>>("numbers")).compute();
  });
  const scratch = await keysUnder("tmp/");
  await (await cloud.objects()).deleteAll(scratch);

  await withProgram(async (client) => {
    expect(await client.publishedNames()).toEqual(expect.arrayContaining(["large", "numbers"]));
    const numbers = await client.published<Bag<number>>("numbers");
    expect(await numbers.compute()).toEqual(values);
    expect(await numbers.map((n) => n * 2).compute()).toEqual(values.map((n) => n * 2));
    const large = await client.published<Delayed<Float64Array>>("large");
    const last = delayed((array: Float64Array) => array.at(-1));
    expect(await last(large).compute()).toBe(7);
    const other = fromSequence([0]);
    expect(await errorOf(() => client.publish("numbers", other))).toMatchObject({
      code: "ALREADY_PUBLISHED",
    });
    for (const name of ["numbers", "large"]) await client.unpublish(name);
    expect(await errorOf(() => numbers.map((n) => n + 1).compute())).toMatchObject({
      code: "CHUNK_LOST",
    });
  });
  expect(await keysUnder("keep/")).toEqual(keptBefore);
  expect(await keysUnder("kept/")).toEqual(notesBefore);
});

test("a name that two programs want at once has one of them", async () => {
  await withProgram((one) =>
    withProgram(async (two) => {
      const ends = await Promise.allSettled(
        [one, two, one, two].map((client, i) => client.publish("one", fromSequence([i]))),
      );
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      await two.publish("one", fromSequence([9]), { replace: true });
      const found = await one.published<Bag<number>>("one");
      expect(await found.compute()).toEqual([9]);
      await one.unpublish("one");
    }),
  );
});
