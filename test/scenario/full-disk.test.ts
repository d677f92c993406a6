import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";

const folder = temporaryFolder();
const program = path.join(import.meta.dirname, "programs/full-disk.ts");
/** A small file system of one's own needs Linux, and that unprivileged users may make name spaces. */
const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0;

/** What the program says on a disk of 8 MiB, of which it leaves `freeBytes` for results of `resultBytes` each. */
function runOnSmallDisk(name: string, freeBytes: number, resultBytes: number): string[] {
  const disk = path.join(folder.path, name);
  mkdirSync(disk);
  const script = `mount -t tmpfs -o size=8m none "$0" && exec "$@"`;
  const args = [program, disk, `${disk}-executions`, String(freeBytes), String(resultBytes)];
  const run = ["-rm", "sh", "-c", script, disk, process.execPath, ...args];
  return execFileSync("unshare", run, { encoding: "utf8" }).trimEnd().split("\n");
}

describe.skipIf(!canMount)("a disk that fills up in the middle of work", () => {
  test.each([
    { what: "with chunks", freeBytes: 1_500_000, resultBytes: 100_000 },
    { what: "with results that ride in the journal", freeBytes: 16_384, resultBytes: 1000 },
    { what: "before the work can be noted", freeBytes: 0, resultBytes: 1000 },
  ])(
    "$what: a clear error, and with room again the same client goes on with what was saved",
    ({ what, freeBytes, resultBytes }) => {
      const said = runOnSmallDisk(what.replaceAll(" ", "-"), freeBytes, resultBytes);
      const text = said.join("\n");
      expect(said[0]).toMatch(/^STORE: .*store: the disk is full: /);
      expect(text).toContain("  fix: free space, or choose another folder as the store");
      expect(said).toContain("kept 100000");
      expect(said).toContain("values 40");
      const counts = /^unsaved (\d+) repeated (\d+)$/m.exec(text);
      expect(Number(counts?.[2])).toBeLessThanOrEqual(Number(counts?.[1]));
      expect(said.at(-1)).toBe("alive");
    },
  );
});

test("a limit on the size of files is told as what it is", () => {
  const text = `
    import { FileStore } from ${JSON.stringify(path.resolve("src/local/file-store.ts"))};
    await new FileStore(${JSON.stringify(path.join(folder.path, "limited"))})
      .putIfAbsent("tmp/x", new Uint8Array(2_000_000))
      .catch((error) => console.log(error.code, error.message));
  `;
  const script = `ulimit -f 1000; exec "$@"`;
  const run = ["-c", script, "sh", process.execPath, "--input-type=module", "-e", text];
  const said = execFileSync("sh", run, { encoding: "utf8" });
  expect(said).toMatch(/^STORE store: the file is larger than .*ulimit -f/);
});
