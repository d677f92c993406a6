import path from "node:path";
import { describe, expect, test } from "vitest";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import { fromSequence } from "../../src/bag.ts";
import { LambdaskError } from "../../src/base/errors.ts";
import {
  type Client,
  compute,
  connect,
  delayed,
  isLambdaskError,
  TaskError,
} from "../../src/index.ts";
import { InlineInvoker } from "../../src/local/inline-invoker.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

/** A client in this process whose store refuses every write with `refuse()`. */
function connectTo(name: string, refuse: () => never): Promise<Client> {
  const backend = localBackend({ inline: true, store: path.join(folder.path, name) });
  const store: ChunkStore = {
    get: (key, signal) => backend.store.get(key, signal),
    getRange: (key, range, signal) => backend.store.getRange(key, range, signal),
    list: (prefix, signal) => backend.store.list(prefix, signal),
    delete: (key, ifVersion) => backend.store.delete(key, ifVersion),
    putIfAbsent: async () => refuse(),
  };
  const invoker = new InlineInvoker({ store, sources: backend.sources });
  return connect({ backend: { ...backend, store, invoker }, progress: "none" });
}

test("a store that fails again and again without saying why is told as the store's failure, not the task's", async () => {
  let writes = 0;
  await using _client = await connectTo("failing", () => {
    writes += 1;
    throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
  });
  const error = await errorOf(() => delayed(() => "x".repeat(100_000))().compute());
  if (!(error instanceof TaskError)) throw error;
  expect(error).toMatchObject({
    code: "STORE",
    fix: expect.stringContaining("check the disk") as unknown,
  });
  expect(error.message).toContain("the last time with: EIO: i/o error, write");
  expect(writes).toBe(3);
});

describe("captured data that the store refuses", () => {
  const table = new Uint8Array(100_000);
  const size = (): number => table.length;
  const full = (): never => {
    throw new LambdaskError("STORE", { message: "store: the disk is full", fix: "free space" });
  };

  test.each<[string, (client: Client) => Promise<unknown>]>([
    ["delayed calls", () => delayed(size)().compute()],
    ["some of several", () => compute(delayed(() => 1)(), delayed(size)())],
    ["what is persisted", () => delayed(size)().persist()],
    ["bags", () => fromSequence([1]).map(size).compute()],
    ["bags that are counted", () => fromSequence([1]).map(size).count().compute()],
    ["futures", (client) => client.submit(size).result()],
    ["mapped futures", (client) => client.gather(client.map(size, [1, 2]))],
  ])("fails %s with the store's error", async (_what, run) => {
    await using client = await connectTo("full", full);
    const error = await errorOf(() => run(client));
    expect(isLambdaskError(error, "STORE") && error.message).toMatch(/the disk is full/);
  });

  test("makes futures end with an error, and collected results too", async () => {
    await using client = await connectTo("full", full);
    const future = client.submit(size);
    expect(isLambdaskError(await future.exception(), "STORE")).toBe(true);
    expect(future.status).toBe("error");
    const [collected] = await compute(delayed(size)(), { onError: "collect" });
    expect(isLambdaskError(collected.error, "STORE")).toBe(true);
  });
});
