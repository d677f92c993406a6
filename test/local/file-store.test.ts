import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { makeChunkKey } from "../../src/base/ids.ts";
import { FileStore } from "../../src/local/file-store.ts";
import { type FileSystem, nodeFileSystem } from "../../src/local/file-system.ts";
import { errorOf } from "../contract/error-of.ts";
import { fileSystemWith, systemError, withoutLinks } from "../contract/odd-file-systems.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const key = makeChunkKey("tmp/ab/name/0/7");
const folderOf = (root: string): string => path.join(root, "tmp/ab/name/0");
const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);

async function* stream(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 3);
  yield bytes.subarray(3);
}

/** Gives the `call`-th write the answer of `answer`. */
function failingWrite(call: number, answer: () => number): FileSystem {
  let calls = 0;
  return fileSystemWith({
    write: (fd, piece) => {
      calls += 1;
      return calls === call ? answer() : nodeFileSystem.write(fd, piece);
    },
  });
}

describe("a full, closed or broken file system", () => {
  test.each([
    ["ENOSPC", "the disk is full", "free space"],
    ["EDQUOT", "the disk quota is used up", "free space"],
    ["EROFS", "the file system is read-only", "choose"],
  ])("%s half-way through a write is an error with a cure, and leaves nothing", async (...row) => {
    const [code, what, cure] = row;
    using folder = temporaryFolder();
    const full = failingWrite(2, () => {
      throw systemError(code);
    });
    const put = new FileStore(folder.path, full).putIfAbsent(key, stream());
    const error = await errorOf(put);
    expect(error.code).toBe("STORE");
    expect(error.message).toContain(`${what}: ${folderOf(folder.path)}`);
    expect(error.fix).toContain(cure);
    expect(fs.readdirSync(folderOf(folder.path))).toEqual([]);
    expect(await new FileStore(folder.path).putIfAbsent(key, bytes)).toBe("written");
  });

  test("EACCES on opening says so, for reads and for writes", async () => {
    using folder = temporaryFolder();
    const closed = fileSystemWith({
      open: () => {
        throw systemError("EACCES");
      },
    });
    const store = new FileStore(folder.path, closed);
    for (const action of [store.get(key), store.putIfAbsent(key, bytes)]) {
      const error = await errorOf(action);
      expect(error.code).toBe("STORE");
      expect(error.message).toContain("no permission");
    }
  });

  test("a file where a folder should be says so", async () => {
    using folder = temporaryFolder();
    fs.writeFileSync(path.join(folder.path, "tmp"), "");
    await expect(new FileStore(folder.path).putIfAbsent(key, bytes)).rejects.toMatchObject({
      code: "STORE",
    });
  });

  test("a place where no folder can be made says so", async () => {
    const nowhere = fileSystemWith({
      open: () => {
        throw systemError("ENOENT");
      },
      makeFolder: () => {
        throw systemError("ENOENT");
      },
    });
    const error = await errorOf(new FileStore("/nowhere", nowhere).putIfAbsent(key, bytes));
    expect(error.code).toBe("STORE");
    expect(error.message).toContain("no folder can be made: /nowhere/tmp/ab/name/0");
    expect(error.fix).toContain("LAMBDASK_STORE");
  });

  test("trouble that may pass is no error with a code of ours", async () => {
    using folder = temporaryFolder();
    const shaky = failingWrite(1, () => {
      throw systemError("EIO");
    });
    const put = new FileStore(folder.path, shaky).putIfAbsent(key, bytes);
    await expect(put).rejects.toMatchObject({ code: "EIO" });
    const stuck = new FileStore(
      folder.path,
      failingWrite(1, () => 0),
    );
    await expect(stuck.putIfAbsent(key, bytes)).rejects.toThrow("nothing could be written");
  });

  test("a file cut short behind our back is read as far as it goes", async () => {
    using folder = temporaryFolder();
    const cut = fileSystemWith({
      statOpen: (fd) => ({ ...nodeFileSystem.statOpen(fd), bytes: 99 }),
    });
    const store = new FileStore(folder.path, cut);
    await store.putIfAbsent(key, bytes);
    expect([...((await store.get(key)) ?? [])]).toEqual([...bytes]);
  });
});

describe("links", () => {
  test("that fail for good reasons fail the write", async () => {
    using folder = temporaryFolder();
    const broken = fileSystemWith({
      link: () => {
        throw systemError("EIO");
      },
    });
    const put = new FileStore(folder.path, broken).putIfAbsent(key, bytes);
    await expect(put).rejects.toMatchObject({ code: "EIO" });
    expect(fs.readdirSync(folderOf(folder.path))).toEqual([]);
  });

  test("that succeed but say EIO have succeeded", async () => {
    using folder = temporaryFolder();
    const lying = fileSystemWith({
      link: (from, to) => {
        nodeFileSystem.link(from, to);
        throw systemError("EIO");
      },
    });
    const store = new FileStore(folder.path, lying);
    expect(await store.putIfAbsent(key, bytes)).toBe("written");
    expect([...((await store.get(key)) ?? [])]).toEqual([...bytes]);
  });

  test.each(["EPERM", "ENOTSUP", "EMLINK", "ENOSYS"])(
    "that are refused with %s are done without, claims being removed",
    async (code) => {
      using folder = temporaryFolder();
      const refusing = fileSystemWith({
        link: () => {
          throw systemError(code);
        },
      });
      const store = new FileStore(folder.path, refusing);
      expect(await store.putIfAbsent(key, stream())).toBe("written");
      expect(await store.putIfAbsent(key, stream())).toBe("existed");
      expect(fs.readdirSync(folderOf(folder.path))).toEqual(["7"]);
    },
  );

  test("that are refused while a writer with a claim has died are done by the next one", async () => {
    using folder = temporaryFolder();
    let dies = true;
    const dying = fileSystemWith({
      ...withoutLinks,
      rename: (from, to) => {
        if (dies) throw systemError("EIO");
        nodeFileSystem.rename(from, to);
      },
      // A process that dies removes nothing.
      unlink: (file) => {
        if (!dies) nodeFileSystem.unlink(file);
      },
    });
    const store = new FileStore(folder.path, dying);
    await expect(store.putIfAbsent(key, stream())).rejects.toThrow("EIO");
    dies = false;
    const claim = path.join(folderOf(folder.path), ".claim-0-7");
    const [host] = fs.readFileSync(claim, "utf8").split("-");
    fs.writeFileSync(claim, `${host}-${pidOfNobody()}-0`);
    expect(await store.putIfAbsent(key, stream())).toBe("written");
    expect(await store.putIfAbsent(key, stream())).toBe("existed");
    expect([...((await store.get(key)) ?? [])]).toEqual([...bytes]);
  });
});

describe("folders", () => {
  test("go with the last thing in them, up to the root, which stays", async () => {
    using folder = temporaryFolder();
    const root = path.join(folder.path, "store");
    const store = new FileStore(root);
    const neighbour = makeChunkKey("tmp/ab/other/0/1");
    for (const each of [key, neighbour]) await store.putIfAbsent(each, bytes);
    await store.delete(key);
    expect(fs.readdirSync(path.join(root, "tmp/ab"))).toEqual(["other"]);
    const [listed] = await Array.fromAsync(store.list(""));
    expect(await store.delete(neighbour, listed?.version)).toBe(true);
    expect(fs.readdirSync(root)).toEqual([]);
  });

  test("that another process removes before a file is in them are made again", async () => {
    using folder = temporaryFolder();
    let removals = 0;
    const removing = fileSystemWith({
      makeFolder: (made) => {
        nodeFileSystem.makeFolder(made);
        if (removals++ < 5) fs.rmdirSync(made);
      },
    });
    expect(await new FileStore(folder.path, removing).putIfAbsent(key, bytes)).toBe("written");
    expect(removals).toBe(6);
  });

  test("of a dead process's temporary file go when it is swept", async () => {
    using folder = temporaryFolder();
    const names: string[] = [];
    const spy = fileSystemWith({
      open: (file, flags) => {
        names.push(path.basename(file));
        return nodeFileSystem.open(file, flags);
      },
    });
    const store = new FileStore(folder.path, spy);
    await store.putIfAbsent(key, bytes);
    const dead = (names[0] ?? "").replace(`-${process.pid}-`, `-${pidOfNobody()}-`);
    fs.writeFileSync(path.join(folderOf(folder.path), dead), "");
    await store.delete(key);
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });
});

describe("keys", () => {
  test.each([
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "a/./b",
    "",
    "a/",
    ".hidden",
    "a\0b",
    "a b",
  ])("such as %j cannot leave the root", async (text) => {
    using folder = temporaryFolder();
    const store = new FileStore(path.join(folder.path, "store"));
    const bad = makeChunkKey(text);
    const refusal = { code: "BAD_ARGUMENT" };
    await expect(store.get(bad)).rejects.toMatchObject(refusal);
    await expect(store.putIfAbsent(bad, bytes)).rejects.toMatchObject(refusal);
    await expect(store.delete(bad)).rejects.toMatchObject(refusal);
    expect(fs.existsSync(path.join(folder.path, "store"))).toBe(false);
  });

  test.each(["../", "a/../", "/", ".tmp", "a//"])("nor can the prefix %j", async (prefix) => {
    using folder = temporaryFolder();
    const listing = Array.fromAsync(new FileStore(folder.path).list(prefix));
    await expect(listing).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});

describe("temporary files", () => {
  test("of dead processes are swept by a listing; those of living ones and of other machines stay", async () => {
    using folder = temporaryFolder();
    const store = new FileStore(folder.path);
    await store.putIfAbsent(key, bytes);
    const names: string[] = [];
    const spy = fileSystemWith({
      open: (file, flags) => {
        names.push(path.basename(file));
        return nodeFileSystem.open(file, flags);
      },
    });
    await new FileStore(folder.path, spy).putIfAbsent(makeChunkKey("tmp/ab/name/0/8"), bytes);
    const ours = names.find((name) => name.startsWith(".tmp-")) ?? "";
    const dead = ours.replace(`-${process.pid}-`, `-${pidOfNobody()}-`);
    const foreign = dead.replace(/^\.tmp-[0-9a-f]+/, ".tmp-00000000");
    const old = foreign.replace("00000000", "00000001");
    for (const name of [ours, dead, foreign, old]) {
      fs.writeFileSync(path.join(folderOf(folder.path), name), "");
    }
    fs.utimesSync(path.join(folderOf(folder.path), old), 0, 0);
    const listed = await Array.fromAsync(store.list("tmp/"));
    expect(listed.map((object) => object.key).sort()).toEqual([key, "tmp/ab/name/0/8"]);
    expect(fs.readdirSync(folderOf(folder.path)).sort()).toEqual(["7", "8", ours, foreign].sort());
  });
});

/** A process id that no process has: above what Linux and macOS hand out. */
function pidOfNobody(): number {
  return 2 ** 30;
}

describe("large chunks, which are read in pieces at once", () => {
  const large = Buffer.alloc(20 * 2 ** 20 + 5, "0123456789abcdefghijklmnopqrstuvwxyz,");

  test.each([
    ["as the machine reads them", nodeFileSystem],
    [
      "by reads that give less than was asked for",
      fileSystemWith({
        read: (fd, into, position) =>
          nodeFileSystem.read(fd, into.subarray(0, 3_000_001), position),
      }),
    ],
  ])("come whole and in order, %s", async (_, files) => {
    using folder = temporaryFolder();
    const store = new FileStore(folder.path, files);
    await store.putIfAbsent(key, large);
    expect(Buffer.compare((await store.get(key)) ?? bytes, large)).toBe(0);
    const middle = await store.getRange(key, { offset: 7, length: 17 * 2 ** 20 });
    expect(Buffer.compare(middle ?? bytes, large.subarray(7, 7 + 17 * 2 ** 20))).toBe(0);
  });

  test("that are cut off while they are read come as far as they go", async () => {
    using folder = temporaryFolder();
    // The file says its whole length, and ends in the second piece.
    const endsAt = 9 * 2 ** 20;
    const cut = fileSystemWith({
      read: (fd, into, position) =>
        nodeFileSystem.read(fd, into.subarray(0, Math.max(0, endsAt - position)), position),
    });
    await new FileStore(folder.path).putIfAbsent(key, large);
    const read = await new FileStore(folder.path, cut).get(key);
    expect(Buffer.compare(read ?? bytes, large.subarray(0, endsAt))).toBe(0);
  });

  test("that cannot be read in one place are an error", async () => {
    using folder = temporaryFolder();
    const broken = fileSystemWith({
      read: (fd, into, position) => {
        if (position > 10 * 2 ** 20) throw systemError("EIO");
        return nodeFileSystem.read(fd, into, position);
      },
    });
    await new FileStore(folder.path).putIfAbsent(key, large);
    const reading = new FileStore(folder.path, broken).get(key);
    await expect(reading).rejects.toMatchObject({ code: "EIO" });
  });
});
