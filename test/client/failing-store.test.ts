import path from "node:path";
import { expect, test } from "vitest";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import { connect, delayed, TaskError } from "../../src/index.ts";
import { InlineInvoker } from "../../src/local/inline-invoker.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { errorOf, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

test("a store that fails again and again without saying why is told as the store's failure, not the task's", async () => {
  const backend = localBackend({ inline: true, store: path.join(folder.path, "store") });
  let writes = 0;
  const store: ChunkStore = {
    get: (key, signal) => backend.store.get(key, signal),
    getRange: (key, range, signal) => backend.store.getRange(key, range, signal),
    list: (prefix, signal) => backend.store.list(prefix, signal),
    delete: (key, ifVersion) => backend.store.delete(key, ifVersion),
    putIfAbsent: async () => {
      writes += 1;
      throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
    },
  };
  const invoker = new InlineInvoker({ store, sources: backend.sources });
  await using _client = await connect({
    backend: { ...backend, store, invoker },
    progress: "none",
  });
  const error = await errorOf(() => delayed(() => "x".repeat(100_000))().compute());
  if (!(error instanceof TaskError)) throw error;
  expect(error).toMatchObject({ code: "STORE", fix: expect.stringContaining("check the disk") });
  expect(error.message).toContain("the last time with: EIO: i/o error, write");
  expect(writes).toBe(3);
});
