import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markdownPrograms } from "./markdown-programs.ts";

const root = path.resolve(import.meta.dirname, "..");

const blocks = markdownPrograms(path.join(root, "README.md"));

/** A project of somebody who installed the package: a real install, since Node runs no TypeScript there. */
let project: string;

function run(file: string, args: readonly string[], cwd = project): string {
  return execFileSync(file, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Writes a program into the project and gives its path. */
function program(name: string, code: string): string {
  const file = path.join(project, name);
  fs.writeFileSync(file, code);
  return file;
}

/** What only who deploys has: linked, since it is large. */
function withPeers(): void {
  for (const name of ["aws-cdk-lib", "constructs"]) {
    const link = path.join(project, "node_modules", name);
    if (!fs.existsSync(link)) fs.symlinkSync(path.join(root, "node_modules", name), link);
  }
}

beforeAll(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-package-"));
  program("package.json", JSON.stringify({ private: true, type: "module" }));
  run("npm", ["run", "build"], root);
  run("npm", ["pack", "--pack-destination", project], root);
  const tarball = fs.readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
  run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`]);
}, 300_000);

afterAll(() => fs.rmSync(project, { recursive: true, force: true }));

describe("the packed package, installed elsewhere", () => {
  test("gives out the committed names from each entry", () => {
    withPeers();
    const committed = fs.readFileSync(path.join(root, "test/public-surface.txt"), "utf8");
    const entries = committed.split("\n").filter((line) => /^\w/.test(line));
    const code = `for (const entry of ${JSON.stringify(entries)}) {
      console.log(entry);
      for (const name of Object.keys(await import(entry)).sort()) console.log("  " + name);
    }`;
    const values = committed.split("\n").filter((line) => line !== "" && !/^ {2}type /.test(line));
    expect(run(process.execPath, [program("names.js", code)])).toBe(`${values.join("\n")}\n`);
  });

  test("has a command line, which says what is missing to deploy", () => {
    const main = path.join(project, "node_modules/.bin/lambdask");
    expect(run(main, ["--help"])).toContain("usage: lambdask <command>");
    const deploy = spawnSync(main, ["deploy"], { cwd: project, encoding: "utf8" });
    expect(deploy.status).toBe(1);
    expect(deploy.stderr).toContain("fix: npm install --save-dev aws-cdk@2");
  });

  test("holds the stack's app and the worker's code, built", () => {
    withPeers();
    const app = path.join(project, "node_modules/lambdask/dist/cdk/app.js");
    const output = path.join(project, "cdk.out");
    execFileSync(process.execPath, [app], { env: { ...process.env, CDK_OUTDIR: output } });
    const assets = fs.globSync("asset.*/handler.mjs", { cwd: output });
    expect(assets).toHaveLength(1);
    expect(fs.existsSync(path.join(output, "Lambdask.template.json"))).toBe(true);
  });

  test("holds what it needs and no tests", () => {
    const installed = fs.readdirSync(path.join(project, "node_modules/lambdask")).sort();
    expect(installed).toEqual(["LICENSE", "README.md", "dist", "package.json", "src"]);
  });

  test("the README has programs to run", () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  test.each(blocks)("$name runs", ({ name, language, code }) => {
    const file = program(`${name.replace(/\W+/g, "-")}.${language}`, code);
    expect(run(process.execPath, [file])).not.toBe("");
  });

  test("the README's TypeScript passes the compiler in strict mode", () => {
    const files = blocks
      .filter((block) => block.language === "ts")
      .map((block, index) => program(`typed-${index}.ts`, `${block.code}\nexport {};\n`));
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: "es2024",
      lib: ["esnext"],
      module: "nodenext",
      noEmit: true,
      types: ["node"],
      typeRoots: [path.join(root, "node_modules/@types")],
    };
    program("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", project]);
  });
});
