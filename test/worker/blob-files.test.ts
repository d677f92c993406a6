import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
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

  test("pass on the error of the store", async () => {
    using folder = temporaryFolder();
    const fails = keepBlobFiles(folder.path, () => Promise.reject(new Error("gone")));
    await expect(fails(name)).rejects.toThrow("gone");
  });
});
