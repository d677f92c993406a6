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

  test("loads few files, and none of what is seldom needed", () => {
    const code = `import module from "node:module";
      const files = [];
      module.registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
      await import("lambdask");
      await import("lambdask/bag");
      await import("lambdask/aws");
      const of = (folder) => files.filter((url) => url.includes(folder)).length;
      console.log(JSON.stringify([
        of("/node_modules/lambdask/"), of("/node_modules/") - of("/lambdask/") - of("/msgpackr"),
        process.moduleLoadList.includes("NativeModule inspector"),
      ]));`;
    const printed = JSON.parse(run(process.execPath, [program("loads.js", code)])) as unknown;
    const [own, others, inspector] = printed as readonly [number, number, boolean];
    expect(own).toBeGreaterThan(2);
    expect(own).toBeLessThan(30);
    expect([others, inspector]).toEqual([0, false]);
  });

  test("has one state, whatever it is imported by: in the program and in its workers", () => {
    withPeers();
    program(
      "helper.js",
      `import { LambdaskError, logEvent } from "lambdask";
      export const made = new LambdaskError("LIMIT", { message: "made at home" });
      export const tell = logEvent;`,
    );
    const code = `import { connect, delayed, isLambdaskError, LambdaskError, visualize } from "lambdask";
      import { awsBackend } from "lambdask/aws";
      import { range } from "lambdask/bag";
      import { LambdaskStack } from "lambdask/cdk";
      import { people } from "lambdask/datasets";
      import { made, tell } from "./helper.js";
      const isOurs = (call) => {
        try { call(); } catch (error) { return error instanceof LambdaskError; }
      };
      const thrown = [
        () => range(-1), () => awsBackend({ no: 1 }), () => people({ count: -1 }),
        () => new LambdaskStack(undefined, "x", { backend: { memoryMb: 1 } }),
      ].map(isOurs);
      await using client = await connect();
      const events = [];
      client.subscribe("t", ({ data }) => events.push(data));
      const own = new LambdaskError("LIMIT", { message: "captured" });
      const inTask = await delayed(() => {
        tell("t", visualize.name);
        return [made instanceof LambdaskError, own instanceof LambdaskError, isLambdaskError(own)];
      })().compute();
      const square = delayed((x) => x * x);
      const later = await delayed(() => [square(3), square(4)])().compute();
      const total = await range(10).map((x) => x * 2).sum().compute();
      console.log(JSON.stringify([thrown, inTask, events, later, total]));`;
    const said = run(process.execPath, [program("one-state.js", code)]);
    const yes = [true, true, true];
    expect(JSON.parse(said)).toEqual([[...yes, true], yes, ["visualize"], [9, 16], 90]);
  });

  test.each([[[]], [["--enable-source-maps"]]])("shows only the user's frames, %j", (flags) => {
    const code = `import { delayed } from "lambdask";
      const check = (x) => {
        if (x > 1) throw new RangeError("too big");
      };
      await delayed(function work(x) {
        check(x);
      })(2).compute().catch((error) => console.log(error.stack + "\\n" + error.cause.stack));`;
    const said = run(process.execPath, [...flags, program("fails.js", code)]);
    expect(said.match(/fails\.js:\d+:\d+/g)).toEqual(
      ["3:26", "5:21", "7:13", "7:13", "3:26", "6:9"].map((place) => `fails.js:${place}`),
    );
    expect(said).not.toContain("node_modules/lambdask");
  });

  test("names its own files where every frame is asked for", () => {
    const code = `import { delayed } from "lambdask";
      process.env.LAMBDASK_ALL_FRAMES = "true";
      const fails = delayed(() => JSON.parse("{"));
      await fails().compute().catch((error) => console.log(error.cause.stack));`;
    const said = run(process.execPath, [program("frames.js", code)]);
    expect(said).toMatch(/node_modules\/lambdask\/dist\/joined\/[\w-]+\.js:\d+:\d+/);
    // That is what a worker on Lambda is called.
    expect(said).not.toContain("handler.mjs");
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
