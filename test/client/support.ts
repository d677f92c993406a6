import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Client, type ConnectOptions, connect } from "../../src/index.ts";

/** A folder of its own for one test file; it is gone afterwards. */
export function temporaryFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeAll(() => {
    folder.path = mkdtempSync(path.join(os.tmpdir(), "lambdask-client-"));
  });
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

/** A file of its own for each test, empty at first: tasks write into it that they ran, wherever they run. */
export function logFile(): { readonly path: string } {
  const folder = temporaryFolder();
  const file = { path: "" };
  let tests = 0;
  beforeEach(() => {
    file.path = path.join(folder.path, `${tests++}.txt`);
    writeFileSync(file.path, "");
  });
  return file;
}

/** One client for a test file, on a store of its own, which everything in it computes on. */
export function sharedClient(options: ConnectOptions): { readonly current: Client } {
  const folder = temporaryFolder();
  let client: Client | undefined;
  beforeAll(async () => {
    client = await connect({ progress: "none", store: folder.path, ...options });
  });
  afterAll(() => client?.close());
  return {
    get current() {
      if (!client) throw new Error("the client is not there yet");
      return client;
    },
  };
}

/** The error that `run` throws or rejects with; fails if it does neither. */
export async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("no error was thrown");
}
