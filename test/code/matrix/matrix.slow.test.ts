import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { describe, expect, test } from "vitest";
import { ProgramFolder, tsxFlags } from "../support/programs.ts";
import { runMatrix } from "../support/run-matrix.ts";
import { allCases } from "./all.ts";

const program = fileURLToPath(new URL("./program.ts", import.meta.url));
const expected = new Map(allCases.map((one) => [one.name, "ok"]));

/** Imports of what is not the matrix itself, by absolute address. */
function outside(text: string): string {
  return text.replaceAll(/"(\.\.\/[^"]+)"/g, (_all, specifier: string) =>
    JSON.stringify(new URL(specifier, import.meta.url).href),
  );
}

test("every case, compiled by tsx", async () => {
  expect(await runMatrix(program, tsxFlags)).toEqual(expected);
});

test("every case, as plain .mjs files", async () => {
  await using folder = await ProgramFolder.make();
  for (const name of await fs.readdir(import.meta.dirname)) {
    if (name.endsWith(".test.ts")) continue;
    const text = await fs.readFile(path.join(import.meta.dirname, name), "utf8");
    const plain = outside(stripTypeScriptTypes(text)).replaceAll(/"(\.\/[\w-]+)\.ts"/g, '"$1.mjs"');
    await folder.write({ [name.replace(/\.ts$/, ".mjs")]: plain });
  }
  expect(await runMatrix(path.join(folder.path, "program.mjs"))).toEqual(expected);
});

test("every case, in a worker thread", async () => {
  await using folder = await ProgramFolder.make();
  const start = `import { Worker } from "node:worker_threads";
new Worker(new URL(${JSON.stringify(pathToFileURL(program).href)}));
`;
  await folder.write({ "start.ts": start });
  expect(await runMatrix(path.join(folder.path, "start.ts"))).toEqual(expected);
});

test("every case, in a thread of vitest", async () => {
  await using folder = await ProgramFolder.make();
  const vitest = path.join(
    path.dirname(createRequire(import.meta.url).resolve("vitest")),
    "vitest.mjs",
  );
  const root = path.resolve(import.meta.dirname, "../../..");
  const only = [
    "--project",
    "fast",
    "--pool",
    "threads",
    "--reporter",
    "json",
    "-t",
    "under vitest",
    "--outputFile",
    path.join(folder.path, "report.json"),
  ];
  const file = "test/code/matrix/matrix.test.ts";
  const command = [vitest, "run", "--typecheck.enabled=false", ...only, file];
  await promisify(execFile)(process.execPath, command, { cwd: root });
  const report = JSON.parse(await fs.readFile(path.join(folder.path, "report.json"), "utf8")) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
  };
  expect(report).toMatchObject({ numPassedTests: allCases.length, numFailedTests: 0 });
});

describe("as CommonJS", () => {
  /** esbuild makes `{}` of it, which is what the function then has here and there. */
  const notRefused = new Map([["import.meta", "not refused"]]);

  test("every case is right or refused, none silently wrong", async () => {
    await using folder = await ProgramFolder.make();
    for (const name of await fs.readdir(import.meta.dirname)) {
      if (name.endsWith(".test.ts")) continue;
      const text = await fs.readFile(path.join(import.meta.dirname, name), "utf8");
      const { code } = await esbuild.transform(withoutTopLevelAwait(outside(text)), {
        loader: "ts",
        format: "cjs",
        platform: "node",
        target: "node24",
      });
      await folder.write({ [name.replace(/\.ts$/, ".js")]: required(code) });
    }
    await fs.writeFile(path.join(folder.path, "package.json"), '{ "type": "commonjs" }');
    const results = await runMatrix(path.join(folder.path, "program.js"));
    const wrong = allCases.flatMap(({ name }) => {
      const result = results.get(name) ?? "did not run";
      return result === (notRefused.get(name) ?? "ok") ? [] : [[name, result]];
    });
    expect(wrong).toEqual([]);
  });
});

/** CommonJS cannot wait at its top level. */
function withoutTopLevelAwait(text: string): string {
  return text
    .replace("await Promise.resolve(9)", "9")
    .replace(/await new Promise<number>[\s\S]*?\}\);/, "55;")
    .replace(/await using remote[\s\S]*$/, (main) => `(async () => {${main}})();`);
}

/** esbuild leaves file URLs alone, which `require` does not know; and endings are those of what was written. */
function required(code: string): string {
  return code
    .replaceAll(/require\("file:\/\/([^"]+)"\)/g, 'require("$1")')
    .replaceAll(/(require|import)\("(\.\/[\w-]+)\.ts"\)/g, '$1("$2.js")');
}

describe.each([false, true])("in one bundle (minified: %s)", (minify) => {
  /** The bundle makes variables of what was imported, and these two have state that a worker could not share. */
  const refusedInBundles = new Set(["local import", "dynamic import"]);

  test("every case is right or refused, none silently wrong", async () => {
    await using folder = await ProgramFolder.make();
    const outfile = path.join(folder.path, "bundle.mjs");
    await esbuild.build({
      entryPoints: [program],
      outfile,
      bundle: true,
      minify,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "error",
      plugins: [
        {
          name: "the library is not part of the bundle",
          setup: ({ onResolve }) => {
            onResolve({ filter: /^\.\.\// }, ({ path: specifier }) => ({
              path: new URL(specifier, import.meta.url).href,
              external: true,
            }));
          },
        },
      ],
    });
    const results = await runMatrix(outfile);
    for (const { name, refused } of allCases) {
      const result = results.get(name);
      if (refused) expect(result, name).toMatch(/^(ok|another refusal: )/);
      else if (refusedInBundles.has(name)) {
        expect(result, name).toMatch(/^failed: LambdaskError: .* assigns to [\s\S]*CANNOT_SHIP/);
      } else expect(result, name).toBe("ok");
    }
  });
});
