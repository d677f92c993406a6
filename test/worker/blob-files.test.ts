import fs from "node:fs";
import promises from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { present } from "../../src/base/assert.ts";
import { nameOfBytes } from "../../src/base/content-name.ts";
import type { ContentName } from "../../src/base/ids.ts";
import { keepBlobFiles, type ReadBlob } from "../../src/worker/blob-files.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const bytes = new TextEncoder().encode("code of the user's");
const name = nameOfBytes(bytes);

/** A store of one blob, which notes what is read of it. */
function storeOfOne(): { readonly read: ReadBlob; readonly reads: ContentName[] } {
  const reads: ContentName[] = [];
  return {
    reads,
    read: async (hash) => {
      reads.push(hash);
      return bytes;
    },
  };
}

describe("blobs that are kept as files", () => {
  test("are fetched once on a machine, however many processes start on it", async () => {
    using folder = temporaryFolder();
    const place = path.join(folder.path, "blobs");
    const { read, reads } = storeOfOne();
    for (let process = 0; process < 3; process++) {
      expect(new Uint8Array(await keepBlobFiles(place, read)(name))).toEqual(bytes);
    }
    expect(reads).toEqual([name]);
  });

  test("are fetched anew if the file is not what its name says", async () => {
    using folder = temporaryFolder();
    const { read, reads } = storeOfOne();
    fs.writeFileSync(path.join(folder.path, name), "something else");
    expect(await keepBlobFiles(folder.path, read)(name)).toEqual(bytes);
    expect(fs.readFileSync(path.join(folder.path, name), "utf8")).toBe("code of the user's");
    expect(reads).toEqual([name]);
  });

  test("are fetched where no file can be written", async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "file");
    fs.writeFileSync(file, "");
    const { read } = storeOfOne();
    expect(await keepBlobFiles(path.join(file, "none"), read)(name)).toEqual(bytes);
  });

  test("are no more than there is room for, with those of earlier processes", async () => {
    using folder = temporaryFolder();
    const blobs = Array.from({ length: 8 }, (_, i) => new Uint8Array(100).fill(i));
    const stored = new Map(blobs.map((blob) => [nameOfBytes(blob), blob]));
    const read: ReadBlob = async (hash) => present(stored.get(hash), "a blob");
    const names = [...stored.keys()];
    for (const some of [names.slice(0, 4), names.slice(4)]) {
      const readKept = keepBlobFiles(folder.path, read, 650);
      await Promise.all(some.map(readKept));
    }
    const files = fs.readdirSync(folder.path);
    expect(files).toHaveLength(6);
    expect(files).toEqual(expect.arrayContaining(names.slice(0, 4)));
  });

  test("are looked through once, not for each blob anew", async () => {
    using folder = temporaryFolder();
    const look = vi.spyOn(promises, "readdir");
    onTestFinished(() => look.mockRestore());
    const blobs = Array.from({ length: 20 }, (_, i) => new Uint8Array(10).fill(i));
    const stored = new Map(blobs.map((blob) => [nameOfBytes(blob), blob]));
    const readKept = keepBlobFiles(folder.path, async (hash) =>
      present(stored.get(hash), "a blob"),
    );
    for (const hash of stored.keys()) await readKept(hash);
    expect(fs.readdirSync(folder.path)).toHaveLength(20);
    expect(look).toHaveBeenCalledTimes(1);
  });

  test("pass on the error of the store", async () => {
    using folder = temporaryFolder();
    const fails = keepBlobFiles(folder.path, () => Promise.reject(new Error("gone")));
    await expect(fails(name)).rejects.toThrow("gone");
  });
});
