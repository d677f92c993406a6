import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Client,
  type ConnectOptions,
  compute,
  connect,
  currentTask,
  delayed,
  isLambdaskError,
} from "../../src/index.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

/** Where a task writes that it has begun, and that its signal fired; and what it waits for if it does not fire. */
interface Place {
  readonly began: string;
  readonly fired: string;
  readonly end: string;
}

let places = 0;
function newPlace(): Place {
  const at = path.join(folder.path, String(places++));
  return { began: `${at}-began`, fired: `${at}-fired`, end: `${at}-end` };
}

/** Waits for its signal or a file, and says which it was. */
async function listening({ began, fired, end }: Place): Promise<string> {
  const { signal } = currentTask() ?? {};
  if (signal === undefined) throw new Error("no task");
  const { code = "" } = await new Promise<{ code?: string }>((done) => {
    signal.addEventListener("abort", () => done(signal.reason as { code: string }));
    const looks = setInterval(() => existsSync(end) && done({}), 5);
    signal.addEventListener("abort", () => clearInterval(looks));
    appendFileSync(began, "x");
  });
  if (code !== "") appendFileSync(fired, `${code} `);
  return code === "" ? "whole" : "half";
}

/** Never looks at its signal. */
async function deaf({ began, end }: Place): Promise<string> {
  appendFileSync(began, "x");
  while (!existsSync(end)) await new Promise((done) => setTimeout(done, 5));
  return "whole";
}

async function until(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((done) => setTimeout(done, 5));
}

async function withClient<T>(
  options: ConnectOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const store = path.join(folder.path, `store ${places++}`);
  await using client = await connect({ progress: "none", store, ...options });
  return await use(client);
}

const ways: Record<string, ConnectOptions> = {
  "on a worker process": { processes: 1 },
  "in this process": { inline: true },
};

describe.each(Object.entries(ways))("the signal of a task %s fires", (_, options) => {
  test("when its future is cancelled, and what it then gave counts for nothing", async () => {
    await withClient(options, async (client) => {
      const at = newPlace();
      const future = client.submit(listening, at);
      await until(at.began);
      future.cancel();
      await until(at.fired);
      expect(readFileSync(at.fired, "utf8")).toBe("CANCELLED ");
      writeFileSync(at.end, "");
      expect(await client.submit(listening, at).result()).toBe("whole");
    });
  });

  test("when its computation is aborted", async () => {
    await withClient(options, async () => {
      const at = newPlace();
      const stop = new AbortController();
      const computing = errorOf(() => delayed(listening)(at).compute({ signal: stop.signal }));
      await until(at.began);
      stop.abort();
      await until(at.fired);
      expect(isLambdaskError(await computing, "CANCELLED")).toBe(true);
    });
  });

  test("when its time is over, and then it has failed by that", async () => {
    await withClient(options, async (client) => {
      const [at, before] = [newPlace(), newPlace()];
      writeFileSync(before.end, "");
      await client.submit(listening, before).result(); // Its imports are loaded in time.
      const call = delayed(listening, { timeoutMs: 500, pure: false });
      const error = await client.submit(call, at).exception();
      expect(isLambdaskError(error, "TASK_TIMEOUT")).toBe(true);
      await until(at.fired);
      expect(readFileSync(at.fired, "utf8")).toBe("TASK_TIMEOUT ");
    });
  });

  test("when nobody holds it any more of those who asked for equal work, and not before", async () => {
    await withClient(options, async (client) => {
      const [at, held] = [newPlace(), newPlace()];
      const futures = [1, 2].map(() => client.submit(listening, at));
      await until(at.began);
      futures[0]?.cancel();
      await new Promise((done) => setTimeout(done, 50));
      expect(existsSync(at.fired)).toBe(false);
      futures[1]?.release();
      await until(at.fired);
      const [gone, kept] = [1, 2].map(() => client.submit(listening, held));
      await until(held.began);
      gone?.cancel();
      writeFileSync(held.end, "");
      expect(await kept?.result()).toBe("whole");
      expect(readFileSync(held.began, "utf8")).toBe("x");
    });
  });

  test("and a task that was cut short runs again for who asks meanwhile", async () => {
    await withClient(options, async (client) => {
      const at = newPlace();
      const future = client.submit(listening, at);
      await until(at.began);
      future.cancel();
      writeFileSync(at.end, "");
      future.retry();
      expect(await future.result()).toBe("whole");
    });
  });

  test("for nothing in a task that does not listen: its result is kept", async () => {
    await withClient(options, async (client) => {
      const at = newPlace();
      const future = client.submit(deaf, at);
      await until(at.began);
      future.cancel();
      await new Promise((done) => setTimeout(done, 50));
      future.retry();
      writeFileSync(at.end, "");
      expect(await future.result()).toBe("whole");
      expect(readFileSync(at.began, "utf8")).toBe("x");
    });
  });

  test("when the client is closed", async () => {
    const at = newPlace();
    const future = await withClient(options, async (client) => {
      // A future that nobody holds is released, and then its call may never begin.
      const held = client.submit(listening, at);
      await until(at.began);
      return held;
    });
    expect(future.cancelled).toBe(true);
    expect(readFileSync(at.fired, "utf8")).toBe("CANCELLED ");
  });
});

test("the signal of a task fires when another call fails its computation", async () => {
  await withClient({ processes: 2 }, async () => {
    const at = newPlace();
    const fail = delayed(async ({ began }: Place): Promise<string> => {
      while (!existsSync(began)) await new Promise((done) => setTimeout(done, 5));
      throw new Error("no");
    });
    const error = await errorOf(() => compute(delayed(listening)(at), fail(at)));
    expect(isLambdaskError(error, "TASK_FAILED")).toBe(true);
    await until(at.fired);
  });
});

test("a restart lets a task that listens end, and ends the others at once", async () => {
  await withClient({ processes: 2 }, async (client) => {
    const [at, other] = [newPlace(), newPlace()];
    const futures = [client.submit(listening, at), client.submit(deaf, other)];
    await Promise.all([at, other].map(({ began }) => until(began)));
    await client.restart();
    expect(readFileSync(at.fired, "utf8")).toBe("CANCELLED ");
    expect(futures.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    expect(await client.submit((n: number) => n + 1, 1).result()).toBe(2);
  });
});

test("tasks of a batch that nobody wants any more do not begin", async () => {
  await withClient({ processes: 1 }, async (client) => {
    const log = path.join(folder.path, "batch");
    const [warm, at] = [path.join(folder.path, "warm"), newPlace()];
    writeFileSync(log, "");
    const { began, end } = at;
    const note = async (n: number, _: number, files: readonly string[]): Promise<number> => {
      const [file = "", start = "", stop = ""] = files;
      appendFileSync(file, `${n} `);
      if (n !== 100) return n;
      writeFileSync(start, "");
      while (!existsSync(stop)) await new Promise((done) => setTimeout(done, 5));
      return n;
    };
    const numbers = Array.from({ length: 400 }, (_, n) => n);
    const futures = client.map(note, numbers, { broadcast: [log, began, end] });
    await until(began);
    client.cancel(futures);
    await new Promise((done) => setTimeout(done, 100));
    writeFileSync(end, "");
    expect(await client.submit((file: string) => file, warm).result()).toBe(warm);
    const ran = readFileSync(log, "utf8").trim().split(" ").map(Number);
    expect(ran).toEqual(numbers.slice(0, 101));
  });
});
