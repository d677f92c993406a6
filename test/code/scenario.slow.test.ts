import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinPackage } from "../../scripts/join-package.ts";
import { tsxFlags } from "./support/programs.ts";
import {
  type ScenarioKind,
  scenarioExpectation,
  scenarioHelper,
  scenarioProgram,
} from "./support/scenario.ts";

const project = path.resolve(import.meta.dirname, "../..");
const source = (name: string): string => pathToFileURL(path.join(project, "src", name)).href;
const fromSource = { library: source("index.ts"), bag: source("bag.ts") };
const vitest = path.join(
  path.dirname(createRequire(import.meta.url).resolve("vitest")),
  "vitest.mjs",
);

let root: string;
beforeAll(async () => {
  root = await fs.mkdtemp(path.join(await fs.realpath(os.tmpdir()), "lambdask-scenario-"));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

interface Kind extends ScenarioKind {
  readonly file: string;
  /** What runs the file, after Node's own name. */
  readonly command: (folder: string, file: string) => readonly string[];
  readonly prepare: (folder: string) => Promise<void>;
}

const plain = (_folder: string, file: string): readonly string[] => [file];

/** The packages of the project are there. */
async function linkPackages(folder: string): Promise<void> {
  await fs.symlink(path.join(project, "node_modules"), path.join(folder, "node_modules"));
  await fs.writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
}

const here = { ...fromSource, style: "modules", command: plain, prepare: linkPackages } as const;
const kinds: readonly (readonly [string, Kind])[] = [
  ["native TypeScript", { ...here, file: "main.ts", ending: "ts" }],
  [
    "tsx",
    { ...here, file: "main.ts", ending: "ts", command: (_folder, file) => [...tsxFlags, file] },
  ],
  ["a .mjs file", { ...here, file: "main.mjs", ending: "mjs" }],
  ["CommonJS", { ...here, file: "main.cjs", ending: "cjs", style: "commonjs" }],
  ...(["forks", "threads"] as const).map((pool): [string, Kind] => [
    `a vitest file (${pool})`,
    {
      ...here,
      file: "main.test.ts",
      ending: "ts",
      style: "vitest",
      command: (folder) => [vitest, "run", "--root", folder, "--pool", pool],
    },
  ]),
];

/** Runs the scenario in a folder of its own, and once more in another one on the same store. */
async function runTwice(kind: Kind): Promise<{ found: unknown[]; program: string }> {
  const shared = await fs.mkdtemp(path.join(root, "shared-"));
  const program = scenarioProgram(kind);
  const env = {
    ...process.env,
    SCENARIO_STORE: path.join(shared, "store"),
    SCENARIO_LOG: path.join(shared, "log"),
    SCENARIO_OUT: path.join(shared, "out"),
  };
  const found: unknown[] = [];
  for (const name of ["first", "moved/elsewhere"]) {
    const folder = path.join(shared, name);
    await fs.mkdir(folder, { recursive: true });
    await kind.prepare(folder);
    await fs.writeFile(path.join(folder, kind.file), program);
    await fs.writeFile(path.join(folder, `helper.${kind.ending}`), scenarioHelper(kind.style));
    const command = kind.command(folder, path.join(folder, kind.file));
    const { stdout } = await promisify(execFile)(process.execPath, [...command], {
      cwd: folder,
      env,
    });
    const said = kind.style === "vitest" ? await fs.readFile(env.SCENARIO_OUT, "utf8") : stdout;
    found.push(JSON.parse(said.trim().split("\n").at(-1) ?? ""));
  }
  return { found, program };
}

describe("delayed, bags, futures, errors, refusals, and results found again after the program moved", () => {
  test.each(kinds)("from %s", async (_kind, kind) => {
    const { found, program } = await runTwice(kind);
    expect(found).toEqual([scenarioExpectation(program, 4), scenarioExpectation(program, 4)]);
  });
});

describe("from a program that has installed the packed library in an empty folder", () => {
  let tarball: string;
  const run = (file: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> =>
    promisify(execFile)(file, [...args], { cwd });

  beforeAll(async () => {
    const copy = path.join(root, "package");
    const tsc = path.join(project, "node_modules/typescript/bin/tsc");
    const compile = ["--project", "tsconfig.build.json", "--outDir", path.join(copy, "dist")];
    await run(process.execPath, [tsc, ...compile], project);
    await joinPackage(path.join(copy, "dist"));
    for (const name of ["src", "package.json", "README.md", "LICENSE"]) {
      await fs.cp(path.join(project, name), path.join(copy, name), { recursive: true });
    }
    const { stdout } = await run("npm", ["pack", "--pack-destination", root], copy);
    tarball = path.join(root, stdout.trim().split("\n").at(-1) ?? "");
  });

  const install = async (folder: string): Promise<void> => {
    await fs.writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }');
    await run("npm", ["install", "--no-audit", "--no-fund", tarball], folder);
  };
  const installed = {
    library: "lambdask",
    bag: "lambdask/bag",
    style: "modules",
    command: plain,
    prepare: install,
  } as const;

  test.each<[string, Kind]>([
    ["native TypeScript", { ...installed, file: "main.ts", ending: "ts" }],
    ["a .mjs file", { ...installed, file: "main.mjs", ending: "mjs" }],
  ])("%s", async (_kind, kind) => {
    const { found, program } = await runTwice(kind);
    expect(found).toEqual([scenarioExpectation(program, 4), scenarioExpectation(program, 4)]);
  });
});
