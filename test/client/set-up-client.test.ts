import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { type Client, connect, currentClient, withConfig } from "../../src/index.ts";
import { ProgramFolder } from "../code/support/programs.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const inline = { inline: true, progress: "none" } as const;

describe("setUpClient", () => {
  test("is given the client, and awaited, before connect gives it", async () => {
    const seen: unknown[] = [];
    await using client = await connect({
      ...inline,
      setUpClient: async (given) => {
        given.subscribe("steps", ({ data }) => seen.push(data));
        await given.publish(
          "squares",
          fromSequence([1, 2, 3]).map((n) => n * n),
        );
        seen.push(given, given === currentClient());
      },
    });
    expect(seen).toEqual([client, true]);
    client.logEvent("steps", "loaded");
    await Promise.resolve();
    expect(seen.at(-1)).toBe("loaded");
    expect(await client.publishedNames()).toEqual(["squares"]);
    expect(client.info().setUp).toEqual({ client: "setUpClient" });
  });

  test("may scale and compute on its client", async () => {
    const sums: number[] = [];
    await using client = await connect({
      processes: 1,
      progress: "none",
      store: folder.path,
      setUpClient: async function prepare(given) {
        given.scale(2);
        sums.push(await fromSequence([1, 2, 3]).sum().compute());
      },
    });
    expect(sums).toEqual([6]);
    expect(client.info()).toMatchObject({ workers: { slots: 2 }, setUp: { client: "prepare" } });
  });

  test("is the scope's, unless connect says another", async () => {
    const called: string[] = [];
    await withConfig({ setUpClient: () => called.push("scope") }, async () => {
      await using _one = await connect(inline);
      await using _two = await connect({ ...inline, setUpClient: () => called.push("option") });
    });
    expect(called).toEqual(["scope", "option"]);
  });

  test("is not called for a client that it opens itself", async () => {
    let calls = 0;
    const setUpClient = async (): Promise<void> => {
      calls += 1;
      if (calls > 1) throw new Error("called by itself");
      await using _another = await connect(inline);
    };
    await withConfig({ setUpClient }, async () => {
      await using _client = await connect(inline);
    });
    expect(calls).toBe(1);
  });

  test.each([
    ["throws", () => failing()],
    ["rejects", async () => failing()],
  ])("that %s closes the client and fails connect, with the place", async (_how, setUpClient) => {
    const before = currentClient();
    let given: Client | undefined;
    const error = await errorOf(() =>
      connect({
        ...inline,
        setUpClient: (client) => {
          given = client;
          return setUpClient();
        },
      }),
    );
    expect(error).toMatchObject({
      code: "SET_UP_FAILED",
      cause: { message: "no topic" },
      data: { where: "connect: setUpClient", hook: "setUpClient" },
    });
    expect(String(error)).toMatch(
      /^LambdaskError: connect: setUpClient: the client could not be set up: "setUpClient" failed: RangeError: no topic\n +at failing \(.*set-up-client\.test\.ts:\d+:\d+\)/,
    );
    expect(currentClient()).toBe(before);
    expect(() => given?.info()).toThrow(/closed/);
  });

  test("has its client to itself until it has ended", async () => {
    const before = currentClient();
    const { promise: goOn, resolve: end } = Promise.withResolvers<void>();
    const inside: unknown[] = [];
    const connecting = connect({
      ...inline,
      setUpClient: async (given) => {
        inside.push(given === currentClient());
        await goOn;
        inside.push(given === currentClient());
      },
    });
    await expect.poll(() => inside).toEqual([true]);
    expect(currentClient()).toBe(before);
    end();
    await using client = await connecting;
    expect(currentClient()).toBe(client);
    expect(inside).toEqual([true, true]);
  });

  test("has the clients of hooks around it too", async () => {
    const seen: unknown[] = [];
    await using _client = await connect({
      ...inline,
      setUpClient: async (outer) => {
        const setUpClient = async (inner: Client): Promise<void> => {
          await inner.close();
          seen.push(currentClient() === outer);
        };
        await connect({ ...inline, setUpClient });
      },
    });
    expect(seen).toEqual([true]);
  });

  test("that is no function is refused", async () => {
    const error = await errorOf(() => connect({ ...inline, setUpClient: "log" as never }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(String(error)).toContain('connect: setUpClient: expected a function, got "log"');
  });

  test("is not what it throws if that cannot be looked at", async () => {
    const setUpClient = (): never => {
      throw Object.create(null);
    };
    const error = await errorOf(() => connect({ ...inline, setUpClient }));
    expect(String(error)).toContain("something that cannot be written as text");
  });
});

function failing(): never {
  throw new RangeError("no topic");
}

describe("setUpClient of the client that compute opens", () => {
  test("has ended before anything is computed, but for what it computes itself", async () => {
    await using programs = await ProgramFolder.make();
    await programs.write({
      "lambdask.config.ts": `import { delayed } from "#src/index.ts";
export const said = [];
export const hook = Promise.withResolvers();
export const computed = Promise.withResolvers();
export default {
  inline: true, progress: "none",
  setUpClient: async () => {
    said.push(await delayed(() => "within")().compute());
    hook.resolve();
    await computed.promise;
    said.push("set up");
  },
};`,
      "main.ts": `import { setImmediate } from "node:timers/promises";
import { delayed, currentClient } from "#src/index.ts";
import { said, hook, computed } from "./lambdask.config.ts";
const work = delayed((name) => name);
const first = work("first").compute().then((name) => said.push(name));
await hook.promise;
const second = work("second").compute().then((name) => said.push(name));
for (let turn = 0; turn < 100; turn++) await setImmediate();
said.push(currentClient() === undefined);
computed.resolve();
await Promise.all([first, second]);
console.log(JSON.stringify([said.slice(0, 3), said.slice(3).sort()]));`,
    });
    expect(await programs.run("main.ts", [], { cwd: programs.path })).toEqual([
      ["within", true, "set up"],
      ["first", "second"],
    ]);
  });

  test("leaves one listener behind, however often its client is closed", async () => {
    await using programs = await ProgramFolder.make();
    await programs.write({
      "lambdask.config.ts": `export default { inline: true, progress: "none", setUpClient: () => {} };`,
      "main.ts": `import { delayed, currentClient } from "#src/index.ts";
const work = delayed((n) => n + 1);
await work(0).compute();
const listeners = process.listenerCount("beforeExit");
for (let i = 1; i < 12; i++) {
  await currentClient().close();
  await work(i).compute();
}
console.log(JSON.stringify(process.listenerCount("beforeExit") - listeners));`,
    });
    expect(await programs.run("main.ts", [], { cwd: programs.path })).toBe(0);
  });

  test("is tried again by the next compute if it failed, and that opens another if it was closed", async () => {
    await using programs = await ProgramFolder.make();
    await programs.write({
      "lambdask.config.ts": `import type { Settings } from "#src/index.ts";
let calls = 0;
export const given = [];
export default {
  inline: true, progress: "none",
  setUpClient: (client) => {
    calls += 1;
    if (calls === 1) throw new Error("not yet");
    given.push(client);
  },
} satisfies Settings;`,
      "main.ts": `import { delayed, currentClient } from "#src/index.ts";
import { given } from "./lambdask.config.ts";
const work = delayed((n) => n + 1);
const said = [];
said.push(await work(1).compute().catch((error) => [error.code, String(error).includes("lambdask.config.ts: setUpClient: ")]));
said.push(currentClient() === undefined);
said.push(await work(2).compute(), given[0] === currentClient());
await given[0].close();
said.push(currentClient() === undefined, await work(3).compute(), given.length);
console.log(JSON.stringify(said));`,
    });
    expect(await programs.run("main.ts", [], { cwd: programs.path })).toEqual([
      ["SET_UP_FAILED", true],
      true,
      3,
      true,
      true,
      4,
      2,
    ]);
  });

  test("is called once for computations that begin at the same time", async () => {
    await using programs = await ProgramFolder.make();
    await programs.write({
      "lambdask.config.ts": `export const calls = [];
export default { inline: true, progress: "none", setUpClient: async (client) => { await null; calls.push(1); } };`,
      "main.ts": `import { delayed, currentClient } from "#src/index.ts";
import { calls } from "./lambdask.config.ts";
const work = delayed((n) => n + 1);
const both = () => Promise.all([work(1).compute(), work(2).compute()]);
const said = [await both(), calls.length];
await currentClient().close();
said.push(await both(), calls.length);
console.log(JSON.stringify(said));`,
    });
    const said = await programs.run("main.ts", [], { cwd: programs.path });
    expect(said).toEqual([[2, 3], 1, [2, 3], 2]);
  });
});
