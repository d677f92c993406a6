import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../contract/temporary-folder.ts";

const program = path.join(import.meta.dirname, "unreadable-program.ts");
const nobody = 65_534;
/** Root may read everything, so the program then runs as a user who may not. */
const asUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
const folder = temporaryFolder();

interface Told {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const modes = { "secret.txt": 0o000, closed: 0o000, listed: 0o444, "read-only": 0o555 };

function makeFiles(): void {
  chmodSync(folder.path, 0o777);
  for (const name of ["closed", "listed", "read-only", "closed-too"]) {
    mkdirSync(path.join(folder.path, name));
    writeFileSync(path.join(folder.path, name, "a.txt"), "x\n");
  }
  writeFileSync(path.join(folder.path, "read-only/a-0.txt"), "x\n");
  writeFileSync(path.join(folder.path, "secret.txt"), '{"a":1}\n');
  for (const [name, mode] of Object.entries(modes)) chmodSync(path.join(folder.path, name), mode);
  chmodSync(path.join(folder.path, "closed-too"), 0o000);
}

/** Why these tests cannot run here; `undefined` if they can. */
function whyNot(): string | undefined {
  if (process.platform === "win32") return "there are no such permissions here";
  const reads = `require("node:fs").accessSync(${JSON.stringify(program)}, 4)`;
  const tried = spawnSync(process.execPath, ["-e", reads], { cwd: "/", ...asUser });
  if (tried.status === 0) return undefined;
  return "a user who is not root cannot reach this Node or these sources";
}

const reason = whyNot();

afterAll(() => {
  for (const name of [...Object.keys(modes), "closed-too"]) {
    if (reason === undefined) chmodSync(path.join(folder.path, name), 0o755);
  }
  folder[Symbol.dispose]();
});

/** What each try of the program threw. */
function run(): Record<string, Told> {
  makeFiles();
  const options = { cwd: "/", encoding: "utf8", ...asUser } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [program, folder.path], options);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, Told>;
}

describe.skipIf(reason !== undefined)(
  `what a user may not read or write${reason ? ` (left out: ${reason})` : ""}`,
  () => {
    const told = reason === undefined ? run() : {};

    test.each([
      ["a text", "secret.txt: no permission", "give this user permission"],
      ["JSON lines", "secret.txt: no permission", "give this user permission"],
      ["a file in a closed folder", "closed/a.txt cannot be looked at: EACCES", "may read it"],
      ["files in a closed folder", "closed/*.txt cannot be looked at: EACCES", "may read it"],
      ["files in folders below", "no file matches", "may list its folders"],
      [
        "files in a folder that may only be listed",
        "listed/*.txt cannot be looked at: EACCES",
        "may read it",
      ],
      [
        "writing into a folder that may only be read",
        "read-only/out-0.txt: no permission",
        "give this user permission",
      ],
      [
        "writing into a closed folder",
        "closed/_success-out-N.jsonl.json: no permission",
        "give this user permission",
      ],
      [
        "writing over a file of others",
        "read-only/a-0.txt: no permission",
        "give this user permission",
      ],
      ["making a folder", "read-only/new/out-0.txt: no permission", "give this user permission"],
    ])("%s: the error names the file and the fix", (what, message, fix) => {
      expect(told[what]).toMatchObject({
        code: "SOURCE",
        message: expect.stringContaining(message) as unknown,
        fix: expect.stringContaining(fix) as unknown,
      });
      expect(told[what]?.message).toContain(folder.path);
    });

    test("a store that cannot be made", () => {
      expect(told["a store"]).toMatchObject({
        code: "STORE",
        message: expect.stringContaining(
          `no permission: ${path.join(folder.path, "read-only/store")}`,
        ) as unknown,
        fix: expect.stringContaining("connect({ store })") as unknown,
      });
    });
  },
);
