import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { FileRunStore } from "../../src/local/file-run-store.ts";
import { nodeFileSystem } from "../../src/local/file-system.ts";
import { errorOf } from "../contract/error-of.ts";
import { fileSystemWith, systemError } from "../contract/odd-file-systems.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("run records in files", () => {
  test("hold whole records only, even if the disk was full in the middle of one", async () => {
    using folder = temporaryFolder();
    let room = 10;
    const small = fileSystemWith({
      writeNow: (fd, piece) => {
        if (room === 0) throw systemError("ENOSPC");
        const part = piece.subarray(0, Math.min(room, 3));
        room -= part.length;
        return nodeFileSystem.writeNow(fd, part);
      },
    });
    const store = new FileRunStore(folder.path, small);
    store.append("journal", bytes("first|"));
    const error = await errorOf(() => store.append("journal", bytes("second|")));
    expect(error.code).toBe("STORE");
    expect(error.message).toContain("full");
    room = 100;
    store.append("journal", bytes("third|"));
    expect(fs.readFileSync(path.join(folder.path, "journal"), "utf8")).toBe("first|third|");
    store.close();
  });

  test("are there after a kill -9 right behind the append", async () => {
    using folder = temporaryFolder();
    const file = path.join(import.meta.dirname, "../../src/local/file-run-store.ts");
    const program = `
      import { FileRunStore } from ${JSON.stringify(file)};
      const store = new FileRunStore(${JSON.stringify(folder.path)});
      for (let i = 0; i < 100; i++) store.append("runs/a/journal", new TextEncoder().encode(i + ";"));
      process.kill(process.pid, "SIGKILL");
    `;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    await expect(run).rejects.toMatchObject({ signal: "SIGKILL" });
    const expected = Array.from({ length: 100 }, (_, i) => `${i};`).join("");
    expect(fs.readFileSync(path.join(folder.path, "runs/a/journal"), "utf8")).toBe(expected);
  });

  test("leave no folder when the last of a run is deleted", async () => {
    using folder = temporaryFolder();
    const store = new FileRunStore(folder.path);
    for (const name of ["runs/a/journal", "runs/a/record"]) store.append(name, bytes("x"));
    await store.delete("runs/a/journal");
    expect(await store.list("")).toEqual(["runs/a/record"]);
    await store.delete("runs/a/record");
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });

  test("do not keep more than a few files open", () => {
    using folder = temporaryFolder();
    let open = 0;
    let openMost = 0;
    const counting = fileSystemWith({
      open: (file, flags) => {
        const fd = nodeFileSystem.open(file, flags);
        open += 1;
        openMost = Math.max(openMost, open);
        return fd;
      },
      close: (fd) => {
        open -= 1;
        nodeFileSystem.close(fd);
      },
    });
    const store = new FileRunStore(folder.path, counting);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 100; i++) store.append(`runs/${i}/journal`, bytes("x"));
    }
    expect(openMost).toBeLessThanOrEqual(32);
    store.close();
    expect(open).toBe(0);
    expect(fs.readFileSync(path.join(folder.path, "runs/99/journal"), "utf8")).toBe("xx");
  });

  test("cannot be named outside of the root", async () => {
    using folder = temporaryFolder();
    const store = new FileRunStore(folder.path);
    const refusal = { code: "BAD_ARGUMENT" };
    expect(() => store.append("../x", bytes("x"))).toThrow(expect.objectContaining(refusal));
    await expect(store.replace("../x", bytes("x"))).rejects.toMatchObject(refusal);
    await expect(store.get("../x")).rejects.toMatchObject(refusal);
    await expect(store.list("../")).rejects.toMatchObject(refusal);
    await expect(store.delete("/x")).rejects.toMatchObject(refusal);
  });
});
