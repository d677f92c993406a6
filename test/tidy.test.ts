import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { bundledFiles, checkBundle } from "../scripts/tidy/bundle.ts";
import { checkDocComments, exportedNames } from "../scripts/tidy/exports.ts";
import {
  checkCycles,
  checkReachable,
  checkRooms,
  type RoomTable,
} from "../scripts/tidy/imports.ts";
import { checkLockFile } from "../scripts/tidy/lock-file.ts";
import { checkPurity } from "../scripts/tidy/purity.ts";
import { checkFileLengths, checkFunctionLengths } from "../scripts/tidy/sizes.ts";
import { readFiles, type SourceFile } from "../scripts/tidy/source-file.ts";
import { bannedWords, checkWords, leftoverMarker } from "../scripts/tidy/words.ts";

const root = path.resolve(import.meta.dirname, "..");

const facade = ["collections", "client", "code", "config", "base"];
const rooms: RoomTable = {
  "index.ts": facade,
  "bag.ts": facade,
  "datasets.ts": facade,
  "aws.ts": ["aws"],
  functions: ["aws", "backend", "sources", "worker"],
  "cdk.ts": ["cdk"],
  base: [],
  config: ["base"],
  chunk: ["base"],
  backend: ["base", "chunk"],
  formats: ["base", "chunk", "backend"],
  code: ["base", "chunk", "backend"],
  sources: ["base", "backend"],
  worker: ["base", "chunk", "formats", "backend", "sources", "code"],
  plan: ["base", "chunk", "backend", "code"],
  schedule: ["base", "backend", "plan"],
  local: ["base", "config", "chunk", "backend", "sources", "worker"],
  // Of local only the run store: the journal of a run on AWS lies on the client's machine.
  aws: ["base", "config", "chunk", "backend", "sources", "local"],
  client: ["base", "config", "chunk", "backend", "code", "plan", "schedule", "local"],
  collections: ["base", "chunk", "formats", "code", "plan", "client"],
  // Of aws only deployment.ts: nothing that is made at deployment may load an SDK.
  cdk: ["base", "aws"],
  cli: ["base", "config", "backend", "schedule", "sources", "aws", "cdk", "client", "collections"],
};
// The bundler is for a backend on Lambda.
const entries = [
  "src/index.ts",
  "src/bag.ts",
  "src/datasets.ts",
  "src/aws.ts",
  "functions/worker/handler.ts",
  "src/local/process-main.ts",
  "src/cdk.ts",
  "src/cdk/app.ts",
  "src/cli/main.ts",
  "src/code/bundle/make-bundle.ts",
];
const pureRooms = ["plan", "schedule", "chunk", "base"];
const workerEntry = "src/worker/run-task.ts";
const clientRooms = ["plan", "schedule", "client", "collections", "local"];
const fileLinesMax = 400;
const functionLinesMax = 70;

const inSrc = ["src", "functions"].flatMap((dir) => readFiles(root, dir, [".ts"]));
const programs = ["scripts", "examples", "bench"].flatMap((dir) => readFiles(root, dir, [".ts"]));
const inTests = readFiles(root, "test", [".ts"]);
const texts = readFiles(root, ".", [".ts", ".mjs", ".js", ".md", ".json", ".npmrc", "run"]);

/** A made-up source file for showing that a check can fail. */
function sample(name: string, text: string): SourceFile {
  return { path: name, text };
}

describe("the project", () => {
  test("rooms import only what the table allows", () => {
    expect(checkRooms(inSrc, rooms)).toEqual([]);
  });

  test("of the room aws, the stack knows only the names that both agree on", () => {
    const stack = inSrc.filter((file) => file.path.startsWith("src/cdk/"));
    const others = stack.flatMap((file) =>
      [...file.text.matchAll(/"\.\.\/aws\/([^"]+)"/g)].map((match) => match[1]),
    );
    expect(new Set(others)).toEqual(new Set(["deployment.ts"]));
  });

  test("no two files import each other, types included", () => {
    expect(checkCycles(inSrc)).toEqual([]);
  });

  test("an entry reaches every source file", () => {
    expect(checkReachable(inSrc, entries)).toEqual([]);
  });

  test("files and functions are short", () => {
    expect(checkFileLengths([...inSrc, ...programs, ...inTests], fileLinesMax)).toEqual([]);
    expect(checkFunctionLengths([...inSrc, ...programs], functionLinesMax)).toEqual([]);
  });

  test("a probe of generality needs no more than 60 lines", () => {
    const probes = inTests.filter(({ path: file }) => /^test\/probes\/[^.]+\.test\.ts$/.test(file));
    expect(probes).toHaveLength(11);
    expect(checkFileLengths(probes, 60)).toEqual([]);
  });

  test("nothing is left over, and nothing names the machine it was written on", () => {
    expect(checkWords(texts, [leftoverMarker, ...bannedWords])).toEqual([]);
  });

  test("the lock file installs on any registry and with any Node", () => {
    expect(checkLockFile(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"))).toEqual(
      [],
    );
  });

  test("every exported name has a doc comment", () => {
    expect(checkDocComments(inSrc)).toEqual([]);
  });

  test("planning and scheduling read no clock, chance or environment", () => {
    const pure = inSrc.filter((file) =>
      pureRooms.some((room) => file.path.startsWith(`src/${room}/`)),
    );
    expect(checkPurity(pure)).toEqual([]);
  });

  test("what a worker loads holds no planner, scheduler, client or collection", async () => {
    const bundled = await bundledFiles(root, workerEntry);
    expect(bundled).toContain(workerEntry);
    expect(checkBundle(bundled, clientRooms)).toEqual([]);
  });
});

describe("each check can fail", () => {
  test("an import against the table, by value, by type and by an unknown room", () => {
    const bad = [
      sample(
        "src/base/a.ts",
        'import type { Plan } from "../plan/plan.ts";\nexport type P = Plan;',
      ),
      sample("src/plan/b.ts", 'type S = import("../schedule/step.ts").Step;'),
      sample("src/extra/c.ts", "const one = 1;"),
      sample("src/plan/d.ts", 'import { x } from "../../test/x.ts";'),
    ];
    expect(checkRooms(bad, rooms)).toEqual([
      expect.stringContaining("src/base/a.ts:1: base may not import src/plan/plan.ts"),
      expect.stringContaining("plan may not import src/schedule/step.ts"),
      expect.stringContaining('"extra" is no room'),
      expect.stringContaining("plan may not import test/x.ts"),
    ]);
  });

  test("a cycle through a type import", () => {
    const bad = [
      sample("src/base/a.ts", 'import { b } from "./b.ts";'),
      sample("src/base/b.ts", 'export type { A } from "./a.ts";'),
    ];
    expect(checkCycles(bad)).toEqual([
      "import cycle: src/base/a.ts → src/base/b.ts → src/base/a.ts",
    ]);
  });

  test("a file nobody reaches, beside one that is reached by URL", () => {
    const files = [
      sample("src/index.ts", 'new URL("./child.ts", import.meta.url);'),
      sample("src/child.ts", ""),
      sample("src/dead.ts", ""),
    ];
    expect(checkReachable(files, ["src/index.ts"])).toEqual([
      "src/dead.ts: no entry reaches this file",
    ]);
  });

  test("a long file and a long function, but not for their comments", () => {
    const code = `${"f();\n".repeat(5)}${"// why\n".repeat(5)}`;
    const file = sample("src/base/a.ts", `function g() {\n${code}}\n`);
    expect(checkFileLengths([file], 6)).toEqual(["src/base/a.ts: 7 lines of code, at most 6"]);
    expect(checkFileLengths([file], 7)).toEqual([]);
    expect(checkFunctionLengths([file], 6)).toHaveLength(1);
    expect(checkFunctionLengths([file], 7)).toEqual([]);
  });

  test("a marker without a number and each banned word", () => {
    const marker = ["TO", "DO"].join("");
    const bad = sample("a.md", `// ${marker} later\n// ${marker} #12 is tracked\n`);
    expect(checkWords([bad], [leftoverMarker])).toEqual([expect.stringContaining("a.md:1")]);
    const words = [
      ["registry.", "npmjs.org"],
      ["files.python", "hosted.org"],
      ["/wo", "rk/x"],
    ];
    for (const word of [...words, ["../sha", "red/notes"]]) {
      expect(checkWords([sample("a.md", word.join(""))], bannedWords)).toHaveLength(1);
    }
  });

  test("a lock file with an address and with engines on an optional package", () => {
    const packages = { a: { resolved: "x" }, b: { optional: true, engines: { node: ">=24" } } };
    expect(checkLockFile(JSON.stringify({ packages }))).toHaveLength(2);
  });

  test("an export without a doc comment", () => {
    const text = "/** One. */\nexport const a = 1;\n// no doc\nexport const b = 2;\n";
    expect(checkDocComments([sample("src/base/a.ts", text)])).toEqual([
      "src/base/a.ts:4: export without a doc comment",
    ]);
  });

  test("a façade that gives out everything", () => {
    expect(() => exportedNames(sample("src/index.ts", 'export * from "./a.ts";'))).toThrow(
      "one by one",
    );
  });

  test("the clock, chance and the environment", () => {
    const text = "Date.now();\nMath.random();\nprocess.env;\nnew Date();\nnew Date(0);\n";
    expect(checkPurity([sample("src/plan/a.ts", text)])).toHaveLength(4);
  });

  test("a worker that reaches the planner", async () => {
    using folder = temporaryFolder();
    for (const [name, text] of [
      ["src/worker/run-task.ts", 'import { plan } from "../plan/plan.ts";\nplan();\n'],
      ["src/plan/plan.ts", "export function plan(): void {}\n"],
    ] as const) {
      fs.mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
      fs.writeFileSync(path.join(folder.path, name), text);
    }
    const bundled = await bundledFiles(folder.path, workerEntry);
    expect(checkBundle(bundled, clientRooms)).toEqual([
      "src/plan/plan.ts is in the worker's bundle",
    ]);
  });
});

function temporaryFolder(): { path: string } & Disposable {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-tidy-"));
  return {
    path: folder,
    [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
