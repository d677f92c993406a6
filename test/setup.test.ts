import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface SetupModule {
  installationKey(lockText: string, platform: string, arch: string): string;
  lockedNodeVersion(lockText: string): string;
  npmCommand(execPath: string, npmExecpath: string | undefined): string[];
  isAlive(pid: number): boolean;
  tryLock(file: string, pid: number): { taken: boolean; holder?: string };
}

const root = path.resolve(import.meta.dirname, "..");
const setup = (await import(path.join(root, "setup.mjs"))) as SetupModule;

let folder: string;
let lock: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-setup-"));
  lock = path.join(folder, "lock");
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The id of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  await new Promise((resolve) => child.once("exit", resolve));
  return pid;
}

describe("what an installation depends on", () => {
  test("another lock file, platform or processor asks for a new one", () => {
    const key = setup.installationKey("{}", "linux", "x64");
    expect(setup.installationKey("{}", "linux", "x64")).toBe(key);
    expect(setup.installationKey("{ }", "linux", "x64")).not.toBe(key);
    expect(setup.installationKey("{}", "darwin", "x64")).not.toBe(key);
    expect(setup.installationKey("{}", "linux", "arm64")).not.toBe(key);
  });

  test("the tests run on the Node the lock file pins", () => {
    const text = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
    expect(`v${setup.lockedNodeVersion(text)}`).toBe(process.version);
  });

  test("a lock file without the node package is refused", () => {
    expect(() => setup.lockedNodeVersion('{"packages":{}}')).toThrow("does not pin");
  });
});

describe("which npm installs", () => {
  test("the one that started the script", () => {
    expect(setup.npmCommand("node", "/lib/npm/bin/npm-cli.js")).toEqual([
      "node",
      "/lib/npm/bin/npm-cli.js",
    ]);
  });

  test("npm from the path when started by nothing or by another package manager", () => {
    expect(setup.npmCommand("node", undefined)).toEqual(["npm"]);
    expect(setup.npmCommand("node", "/lib/pnpm/bin/pnpm.cjs")).toEqual(["npm"]);
  });
});

describe("the lock that lets one process install", () => {
  test("is taken once, and names its holder to the next", () => {
    expect(setup.tryLock(lock, process.pid)).toEqual({ taken: true });
    expect(setup.tryLock(lock, 1)).toEqual({ taken: false, holder: String(process.pid) });
    expect(fs.readdirSync(folder)).toEqual(["lock"]);
  });

  test("of a dead process is dropped, so the next try takes it", async () => {
    fs.writeFileSync(lock, String(await deadPid()));
    expect(setup.tryLock(lock, process.pid).taken).toBe(false);
    expect(setup.tryLock(lock, process.pid)).toEqual({ taken: true });
    expect(fs.readdirSync(folder)).toEqual(["lock"]);
  });

  test("tells the living from the dead", async () => {
    expect(setup.isAlive(process.pid)).toBe(true);
    expect(setup.isAlive(await deadPid())).toBe(false);
  });
});
