import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { makeChunkKey } from "../../src/base/ids.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const run = promisify(execFile);
const writers = [1, 2, 3, 4, 5, 6];

describe("processes that write the same keys of one store at once", () => {
  test.each(["allowed", "refused"])(
    "with links %s: each key has one winner, whose bytes all read",
    async (links) => {
      using folder = temporaryFolder();
      const program = path.join(import.meta.dirname, "store-writer.ts");
      const outputs = await Promise.all(
        writers.map((writer) =>
          run(process.execPath, [program, folder.path, String(writer), links]),
        ),
      );
      const winners = new Map<number, number>();
      outputs.forEach(({ stdout }, i) => {
        for (const index of JSON.parse(stdout) as number[]) {
          expect(winners.has(index)).toBe(false);
          winners.set(index, writers[i] ?? 0);
        }
      });
      expect(winners.size).toBe(100);
      const store = new FileStore(folder.path);
      for (const [index, winner] of winners) {
        const bytes = await store.get(makeChunkKey(`race/${index}`));
        expect(bytes).toEqual(new Uint8Array(1000).fill(winner));
      }
      expect(await Array.fromAsync(store.list(""))).toHaveLength(100);
    },
  );
});

test("processes that delete each other's empty folders lose no write, and leave none", async () => {
  using folder = temporaryFolder();
  const program = path.join(import.meta.dirname, "store-churner.ts");
  await Promise.all(
    writers.map((writer) => run(process.execPath, [program, folder.path, String(writer)])),
  );
  expect(fs.readdirSync(folder.path)).toEqual([]);
});
