import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  annotate,
  type Client,
  type ConnectOptions,
  connect,
  currentTask,
  delayed,
  logEvent,
  perWorker,
  withConfig,
} from "../../src/index.ts";
import { ProgramFolder } from "../code/support/programs.ts";
import { errorOf, logFile, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const log = logFile();

function open(options: ConnectOptions): Promise<Client> {
  return connect({ store: folder.path, progress: "none", ...options });
}

/** A hook that writes down the process it runs in. */
function writesPid(file = log.path): () => void {
  return () => appendFileSync(file, `${process.pid} `);
}

function written(): string[] {
  return readFileSync(log.path, "utf8").trim().split(" ").filter(Boolean);
}

/** The process that each call ran in; they take long enough for all workers to have some. */
function pids(client: Client, salt: number, count = 8): Promise<number[]> {
  const pid = async (_: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return process.pid;
  };
  return client.gather(
    client.map(
      pid,
      Array.from({ length: count }, (__, i) => salt + i),
    ),
  );
}

describe("setUpWorker", () => {
  test("is called once in each worker process, before its first task", async () => {
    await using client = await open({ processes: 2, setUpWorker: writesPid() });
    expect(written()).toEqual([]);
    const used = new Set([...(await pids(client, 0)), ...(await pids(client, 100))]);
    expect(used.size).toBe(2);
    expect(written().map(Number).sort()).toEqual([...used].sort());
  });

  test("is called again in the worker that takes the place of one that died", async () => {
    await using client = await open({ processes: 1, setUpWorker: writesPid() });
    const dies = (_: number): number => {
      if (currentTask()?.attempt === 1) process.kill(process.pid, "SIGKILL");
      return process.pid;
    };
    const [second] = await client.gather(client.map(dies, [1]));
    const calls = written().map(Number);
    expect(calls).toHaveLength(2);
    expect(calls[1]).toBe(second);
    expect(calls[0]).not.toBe(second);
  });

  test("is called in workers that come later", async () => {
    await using client = await open({ processes: 1, setUpWorker: writesPid() });
    await pids(client, 0, 1);
    client.scale(2);
    const used = new Set(await pids(client, 10));
    await client.restart();
    for (const pid of await pids(client, 20)) used.add(pid);
    expect(used.size).toBe(4);
    expect(written().map(Number).sort()).toEqual([...used].sort());
  });

  test("is called once for an inline client, by each of them", async () => {
    const setUpWorker = writesPid();
    for (let clients = 0; clients < 2; clients++) {
      await using client = await open({ inline: true, setUpWorker });
      await pids(client, clients * 10, 2);
    }
    expect(written().map(Number)).toEqual([process.pid, process.pid]);
  });

  test("takes along what it uses, is awaited, and reaches tasks by what belongs to the worker", async () => {
    const greeting = { text: "ready" };
    const made = perWorker(() => ({ text: "" }));
    await using client = await open({
      processes: 1,
      setUpWorker: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        made().text = greeting.text;
        process.env["SET_UP_FOR"] = greeting.text;
        logEvent("set up", currentTask()?.index);
      },
    });
    const told = client.submit(() => [made().text, process.env["SET_UP_FOR"]]);
    expect(await told.result()).toEqual(["ready", "ready"]);
    expect(client.events("set up").map(({ data }) => data)).toEqual([0]);
    expect(process.env["SET_UP_FOR"]).toBeUndefined();
  });

  test("may be a thing that each worker makes once", async () => {
    const file = log.path;
    const made = perWorker(() => appendFileSync(file, "made "));
    await using client = await open({ inline: true, setUpWorker: made });
    await client.submit(() => made()).result();
    expect(written()).toEqual(["made"]);
  });

  test("may capture large data, which is stored once", async () => {
    const store = path.join(folder.path, "large");
    const table = Float64Array.from({ length: 100_000 }, (_, i) => i);
    const last = perWorker(() => ({ value: 0 }));
    const setUpWorker = (): void => {
      last().value = table[99_999] ?? 0;
    };
    await using client = await connect({ processes: 1, store, progress: "none", setUpWorker });
    expect(await client.submit(() => last().value).result()).toBe(99_999);
    expect(await client.submit((n: number) => last().value + n, 1).result()).toBe(100_000);
    const files = readdirSync(path.join(store, "blob"), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(1);
  });

  test("belongs to its client: another on the same store has none", async () => {
    await using one = await open({ processes: 1, setUpWorker: writesPid() });
    await using two = await open({ processes: 1 });
    await pids(two, 0, 2);
    expect(written()).toEqual([]);
    expect(one.info().setUp.worker).toMatch(/^function at set-up-worker\.test\.ts:\d+$/);
    expect(two.info().setUp).toEqual({});
  });

  test("is read from the scope around connect", async () => {
    await using client = await withConfig({ setUpWorker: writesPid() }, () =>
      open({ inline: true }),
    );
    await pids(client, 0, 1);
    expect(written()).toHaveLength(1);
  });

  test("is part of the names of results: other set-ups may make others", async () => {
    const ran = delayed((file: string) => appendFileSync(file, "ran "));
    const compute = async (setUpWorker?: () => unknown): Promise<number> => {
      await using _client = await open({ processes: 1, ...(setUpWorker ? { setUpWorker } : {}) });
      await ran(log.path).compute({ reuse: true });
      return written().length;
    };
    const precise = (digits: number) => () => {
      process.env["DIGITS"] = String(digits);
    };
    expect(await compute()).toBe(1);
    expect(await compute()).toBe(1);
    expect(await compute(precise(2))).toBe(2);
    expect(await compute(precise(2))).toBe(2);
    expect(await compute(precise(3))).toBe(3);
  });
});

describe("setUpWorker that fails", () => {
  test("fails the tasks that waited for it, and says which it is, what it threw and where", async () => {
    await using client = await open({
      processes: 1,
      setUpWorker: function openDatabase() {
        throw new RangeError("no database");
      },
    });
    const square = client.map((n: number) => n * n, [1, 2], { name: "square" });
    for (const [index, future] of square.entries()) {
      const error = await future.exception();
      expect(error).toMatchObject({
        code: "SET_UP_FAILED",
        task: { label: "square", index, attempts: 1, setUp: "openDatabase" },
        cause: { message: "no database" },
      });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
      expect(String(error)).toMatch(
        /task "square" #\d failed: its worker could not be set up: "openDatabase" failed: RangeError: no database\n +at openDatabase \(.*set-up-worker\.test\.ts:\d+:\d+\)/,
      );
    }
  });

  test("is called again by each attempt", async () => {
    const file = log.path;
    await using client = await open({
      processes: 1,
      setUpWorker: async () => {
        const { readFileSync } = process.getBuiltinModule("node:fs");
        appendFileSync(file, "try ");
        if (readFileSync(file, "utf8").length < 12) throw new Error("not yet");
      },
    });
    const [value] = await client.gather(client.map((n: number) => n + 1, [1], { retries: 2 }));
    expect(value).toBe(2);
    expect(written()).toEqual(["try", "try", "try"]);
  });

  test("for good, with retries, has been tried as often as they say", async () => {
    const setUpWorker = async (): Promise<never> => Promise.reject(new TypeError("never"));
    await using client = await open({ inline: true, setUpWorker });
    const [future] = client.map((n: number) => n, [1], { retries: 2 });
    expect(await future?.exception()).toMatchObject({
      code: "SET_UP_FAILED",
      task: { attempts: 3 },
      cause: { message: "never" },
    });
  });

  test("by a promise that nothing can settle is found out", async () => {
    await using client = await open({ processes: 1, setUpWorker: () => new Promise(() => {}) });
    const error = await client.submit((n: number) => n, 1).exception();
    expect(error).toMatchObject({ code: "SET_UP_FAILED", cause: { code: "TASK_FAILED" } });
    expect(String(error)).toContain("its promise can never settle");
  });

  test.each([{ processes: 1 }, { inline: true }])(
    "by going on for ever meets the deadline of the task, which names it (%o)",
    async (where) => {
      await using client = await open({
        ...where,
        setUpWorker: () => new Promise((resolve) => setTimeout(resolve, 60_000)),
      });
      const late = annotate({ timeoutMs: 300 }, () => client.submit((n: number) => n, 1));
      const error = await late.exception();
      expect(error).toMatchObject({ code: "TASK_TIMEOUT" });
      expect(String(error)).toContain(
        'the first task of a worker waits for setUpWorker "setUpWorker"',
      );
    },
  );

  test("may not start work", async () => {
    const one = delayed(() => 1);
    const setUpWorker = (): Promise<number> => one().compute();
    await using client = await open({ inline: true, setUpWorker });
    const error = await client.submit(() => 1).exception();
    expect(error).toMatchObject({ code: "SET_UP_FAILED", cause: { code: "LAZY_MISUSE" } });
  });

  test("to be a function is refused", async () => {
    const error = await errorOf(() => open({ setUpWorker: 5 as never }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(String(error)).toContain("connect: setUpWorker: expected a function, got 5");
  });

  test("to be sent is refused by connect", async () => {
    await using client = await open({ inline: true });
    for (const setUpWorker of [() => client.info(), () => process.stdout.write(String(socket))]) {
      const error = await errorOf(() => open({ setUpWorker }));
      expect(error).toMatchObject({ code: "CANNOT_SHIP" });
      expect(String(error)).toMatch(
        /^LambdaskError: connect: setUpWorker: cannot send `(client|socket)`/,
      );
    }
  });
});

const socket = new WeakMap();

test("hooks of lambdask.config.ts are those of each client, also of the one that compute opens", async () => {
  await using programs = await ProgramFolder.make();
  await programs.write({
    "lambdask.config.ts": `import { appendFileSync } from "node:fs";
import type { Settings } from "#src/index.ts";
const file = ${JSON.stringify(log.path)};
export default {
  processes: 1, store: "chunks", progress: "none",
  setUpWorker: () => { appendFileSync(file, "worker "); },
  setUpClient: (client) => { appendFileSync(file, client.info().backend + " "); },
} satisfies Settings;`,
    "main.ts": `import { currentClient, delayed } from "#src/index.ts";
const one = delayed((n: number) => n + 1)(1);
console.log(JSON.stringify([await one.compute(), await one.compute(), currentClient()?.info().setUp]));`,
  });
  expect(await programs.run("main.ts", [], { cwd: programs.path })).toEqual([
    2,
    2,
    { worker: "setUpWorker", client: "setUpClient" },
  ]);
  expect(written()).toEqual(["local", "worker"]);
});
