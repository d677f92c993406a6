import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");

/** Set-up and what it reads; enough of a clone to install from. */
const cloned = ["package.json", "package-lock.json", ".npmrc", "setup.mjs"];

/** The environment of a shell that knows nothing of the npm that runs this test. */
function freshEnvironment(): NodeJS.ProcessEnv {
  const own = path.join(root, "node_modules");
  const entries = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const searched = (process.env["PATH"] ?? "").split(path.delimiter);
  const outside = searched.filter((folder) => !folder.startsWith(own)).join(path.delimiter);
  return { ...Object.fromEntries(entries), PATH: outside, NODE_ENV: "production" };
}

function run(folder: string, script: string): Promise<{ code: number | null; output: string }> {
  const child = spawn("npm", ["run", script], { cwd: folder, env: freshEnvironment() });
  let output = "";
  child.stdout.on("data", (text) => {
    output += String(text);
  });
  child.stderr.on("data", (text) => {
    output += String(text);
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

test("two commands started at once on an empty clone install once and both run on the locked Node", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-clone-"));
  try {
    for (const name of cloned) fs.copyFileSync(path.join(root, name), path.join(folder, name));
    const manifest = path.join(folder, "package.json");
    const scripts = { presay: "node setup.mjs", say: "node --version" };
    const text = fs.readFileSync(manifest, "utf8");
    fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(text), scripts }));
    const both = await Promise.all([run(folder, "say"), run(folder, "say")]);
    const installs = both.map((one) => one.output.split("installing the locked").length - 1);
    for (const { code, output } of both) {
      expect(code, output).toBe(0);
      expect(output.trim().split("\n").at(-1)).toBe(process.version);
    }
    expect(installs.sort()).toEqual([0, 1]);
    const again = execFileSync("npm", ["run", "say"], { cwd: folder, env: freshEnvironment() });
    expect(String(again)).not.toContain("setup:");
    expect(fs.readdirSync(folder).filter((name) => name.startsWith(".setup"))).toEqual([]);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
