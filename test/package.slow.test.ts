import { execFileSync } from "node:child_process";
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
    const code = `for (const entry of ["lambdask", "lambdask/bag"]) {
      console.log(entry);
      for (const name of Object.keys(await import(entry)).sort()) console.log("  " + name);
    }`;
    const committed = fs.readFileSync(path.join(root, "test/public-surface.txt"), "utf8");
    const values = committed.split("\n").filter((line) => line !== "" && !/^ {2}type /.test(line));
    expect(run(process.execPath, [program("names.js", code)])).toBe(`${values.join("\n")}\n`);
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
