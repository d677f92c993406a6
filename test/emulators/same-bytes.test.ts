import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { nameOfBytes } from "../../src/base/content-name.ts";
import type { ContentName } from "../../src/base/ids.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";
import { connect } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { temporaryFolder } from "../client/support.ts";
import { type Cloud, openCloud } from "./cloud.ts";
import { type Work, works } from "./programs/work.ts";

const folder = temporaryFolder();
let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** What a program leaves in a store that keeps everything, and its result. */
interface Left {
  readonly result: unknown;
  readonly chunks: ReadonlyMap<string, ContentName>;
}

async function run(work: Work, backend: Backend): Promise<Left> {
  const before = await chunksOf(backend);
  await using _client = await connect({
    backend: { ...backend, close: async () => {} },
    progress: "none",
  });
  const result = await work.make().compute({ reuse: true });
  const chunks = await chunksOf(backend);
  for (const key of before.keys()) chunks.delete(key);
  await backend.close();
  return { result, chunks };
}

async function chunksOf({ store }: Backend): Promise<Map<string, ContentName>> {
  const chunks = new Map<string, ContentName>();
  for await (const { key } of store.list("tmp/")) {
    chunks.set(key, nameOfBytes((await store.get(key)) ?? ""));
  }
  return chunks;
}

describe("the same bytes come from Lambda as from local processes", () => {
  test.each(works)("for $name", async (work) => {
    const store = path.join(folder.path, work.name);
    fs.mkdirSync(store);
    const local = await run(work, localBackend({ processes: 2, store }));
    const remote = await run(work, await cloud.backend().open());
    expect(remote.result).toStrictEqual(work.expected);
    expect(encodeValue(remote.result)).toEqual(encodeValue(local.result));
    expect(remote.chunks).toEqual(local.chunks);
    expect(remote.chunks.size).toBeGreaterThan(0);
  });
});
