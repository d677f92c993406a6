import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { FileSource } from "../../src/sources/file-source.ts";
import { errorOf } from "../contract/error-of.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

function folderWith(names: readonly string[]): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder();
  for (const name of names) {
    fs.mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
    fs.writeFileSync(path.join(folder.path, name), name);
  }
  return folder;
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function namesOf(folder: string, pattern: string): Promise<string[]> {
  const root = pathToFileURL(`${folder}/`).href;
  const found = await new FileSource(folder).expand(pattern);
  return found.map((file) => decodeURIComponent(file.url.slice(root.length)));
}

/** Starts a process that writes a file in the folder, and kills it before the file is whole. */
function killWriterIn(folder: string): void {
  const source = JSON.stringify(path.resolve("src/sources/file-source.ts"));
  const program = `
    const { FileSource } = await import(${source});
    async function* pieces() {
      yield Uint8Array.of(1);
      process.kill(process.pid, "SIGKILL");
    }
    await new FileSource(${JSON.stringify(folder)}).write("killed.txt", pieces());`;
  const { signal } = spawnSync(process.execPath, ["--input-type=module", "-e", program]);
  expect(signal).toBe("SIGKILL");
}

describe("files of this machine", () => {
  test("are found by path from the working directory, by absolute path and by URL", async () => {
    using folder = folderWith(["sub/a.txt"]);
    const absolute = path.join(folder.path, "sub/a.txt");
    expect(await namesOf(folder.path, "sub/a.txt")).toEqual(["sub/a.txt"]);
    expect(await namesOf(folder.path, "./sub/../sub/a.txt")).toEqual(["sub/a.txt"]);
    expect(await namesOf(folder.path, absolute)).toEqual(["sub/a.txt"]);
    expect(await namesOf(folder.path, pathToFileURL(absolute).href)).toEqual(["sub/a.txt"]);
  });

  test("are found by pattern, sorted, without folders", async () => {
    using folder = folderWith(["b.txt", "a.txt", "c.csv", "d.txt/e.txt", "x/y/z.txt"]);
    expect(await namesOf(folder.path, "*.txt")).toEqual(["a.txt", "b.txt"]);
    expect(await namesOf(folder.path, "**/*.txt")).toEqual([
      "a.txt",
      "b.txt",
      "d.txt/e.txt",
      "x/y/z.txt",
    ]);
    expect(await namesOf(folder.path, "[ab].txt")).toEqual(["a.txt", "b.txt"]);
    expect(await namesOf(folder.path, path.join(folder.path, "*.csv"))).toEqual(["c.csv"]);
    expect(await namesOf(folder.path, `${pathToFileURL(folder.path).href}/*.csv`)).toEqual([
      "c.csv",
    ]);
  });

  test("may have names that look like patterns, or like URLs when quoted", async () => {
    using folder = folderWith(["a[1].txt", "ä b#c.txt"]);
    expect(await namesOf(folder.path, "a[1].txt")).toEqual(["a[1].txt"]);
    expect(await namesOf(folder.path, "ä b#c.txt")).toEqual(["ä b#c.txt"]);
  });

  test.each([
    ["no/such.txt", "there is no such file"],
    ["*.nothing", "no file matches"],
    ["sub", "it is a folder"],
    ["sub/a.txt/b", "there is no such file"],
    ["file://elsewhere/a.txt", "no URL of a file on this machine"],
  ])("that are not there: %s", async (pattern, words) => {
    using folder = folderWith(["sub/a.txt"]);
    const error = await errorOf(new FileSource(folder.path).expand(pattern));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(words);
    expect(error.fix).toBeTypeOf("string");
  });

  test.skipIf(process.getuid?.() === 0)("that may not be read", async () => {
    using folder = folderWith(["a.txt"]);
    fs.chmodSync(path.join(folder.path, "a.txt"), 0);
    const source = new FileSource(folder.path);
    const [file] = await source.expand("a.txt");
    if (file === undefined) throw new Error("not found");
    const error = await errorOf(Array.fromAsync(source.read(file, { start: 0, end: 1 })));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("no permission");
  });

  test("are written whole, in folders that are made, over what was there", async () => {
    using folder = folderWith([]);
    const source = new FileSource(folder.path);
    await source.write("out/0.txt", pieces("a", "b"));
    await source.write("out/0.txt", pieces("c", "", "d"));
    expect(fs.readFileSync(path.join(folder.path, "out/0.txt"), "utf8")).toBe("cd");
    expect(fs.readdirSync(path.join(folder.path, "out"))).toEqual(["0.txt"]);
  });

  test("keep their old bytes when a write breaks off", async () => {
    using folder = folderWith(["a.txt"]);
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new RangeError("the user's own");
    }
    const written = new FileSource(folder.path).write("a.txt", breaking());
    await expect(written).rejects.toThrow(RangeError);
    expect(fs.readFileSync(path.join(folder.path, "a.txt"), "utf8")).toBe("a.txt");
    expect(fs.readdirSync(folder.path)).toEqual(["a.txt"]);
  });

  test("leave nothing of a writer that was killed, once swept, and all of one that lives", async () => {
    using folder = folderWith([]);
    const source = new FileSource(folder.path);
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const living = source.write(
      "living.txt",
      (async function* () {
        begun.resolve();
        await ended.promise;
        yield Uint8Array.of(1);
      })(),
    );
    await begun.promise;
    killWriterIn(folder.path);
    // What other programs keep under such names is theirs.
    fs.writeFileSync(path.join(folder.path, ".tmp-0"), "");
    fs.utimesSync(path.join(folder.path, ".tmp-0"), 0, 0);
    const before = fs.readdirSync(folder.path);
    expect(before).toHaveLength(3);
    await source.sweep("killed.txt");
    const after = fs.readdirSync(folder.path);
    expect(after).toHaveLength(2);
    expect(after).toContain(".tmp-0");
    ended.resolve();
    await living;
    expect(fs.readdirSync(folder.path).sort()).toEqual([".tmp-0", "living.txt"]);
    await source.sweep("no/such/folder.txt");
  });

  test("cannot be written where a folder stands", async () => {
    using folder = folderWith(["sub/a.txt"]);
    const error = await errorOf(new FileSource(folder.path).write("sub", pieces("a")));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("folder");
  });

  test.each(["file/a.txt", "file/deep/a.txt"])(
    "cannot be written below a file: %s",
    async (url) => {
      using folder = folderWith(["file"]);
      const error = await errorOf(new FileSource(folder.path).write(url, pieces("a")));
      expect(error.code).toBe("SOURCE");
      expect(error.message).toContain(`${url}: what should be its folder is a file`);
      expect(error.fix).toContain("write somewhere else");
    },
  );
});
