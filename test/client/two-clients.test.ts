import { describe, expect, test } from "vitest";
import { type Client, compute, connect, delayed, isLambdaskError } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

/** Two clients whose stages have the same ids, and a future of each. */
async function twoClients() {
  const options = { inline: true, progress: "none", store: folder.path } as const;
  const first = await connect(options);
  const second = await connect(options);
  const future = first.submit((n: number) => `first ${n}`, 1);
  await future.result();
  await second.submit((n: number) => `second ${n}`, 2).result();
  return { first, second, future, [Symbol.asyncDispose]: () => closeBoth(first, second) };
}

async function closeBoth(first: Client, second: Client): Promise<void> {
  await second.close();
  await first.close();
}

describe("a future of another client", () => {
  test("is refused at the call, and its value may be passed", async () => {
    await using clients = await twoClients();
    const { first, second, future } = clients;
    const say = (text: string): string => `got ${text}`;
    const scattered = first.scatter([1, 2, 3]);
    for (const use of [
      () => second.submit(say, future),
      () => second.map(say, [future]),
      () => second.submit((list: number[]) => list.length, scattered),
    ]) {
      const error = await errorOf(async () => use());
      expect(isLambdaskError(error, "BAD_ARGUMENT") && error.message).toMatch(
        /a future of one client is used with another/,
      );
    }
    expect(await second.submit(say, await future.result()).result()).toBe("got first 1");
    expect(await first.submit(say, future).result()).toBe("got first 1");
    expect(await second.gather([future])).toEqual(["first 1"]);
  });

  test("is refused by compute, which runs on the newest client", async () => {
    await using clients = await twoClients();
    const { second, future } = clients;
    const lazy = delayed((text: string) => text)(future);
    for (const run of [() => lazy.compute(), () => lazy.persist(), () => compute(future)]) {
      expect(isLambdaskError(await errorOf(run), "BAD_ARGUMENT")).toBe(true);
    }
    await second.close();
    expect(await lazy.compute()).toBe("first 1");
  });

  test("that is closed says so", async () => {
    await using clients = await twoClients();
    const { first, second, future } = clients;
    await first.close();
    const say = (text: string): string => `got ${text}`;
    for (const use of [
      () => second.submit(say, future),
      () => delayed(say)(future).compute(),
      () => compute([future]),
    ]) {
      const error = await errorOf(async () => use());
      expect(isLambdaskError(error, "CLOSED") && error.message).toMatch(/whose client is closed/);
    }
  });
});
