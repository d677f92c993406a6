import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { markdownPrograms } from "./markdown-programs.ts";

const root = path.resolve(import.meta.dirname, "..");
const sources = {
  lambdask: "src/index.ts",
  "lambdask/bag": "src/bag.ts",
  "lambdask/datasets": "src/datasets.ts",
};

const documents = readdirSync(path.join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => path.join(root, "docs", name));
const programs = [path.join(root, "README.md"), ...documents].flatMap(markdownPrograms);

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `code` with this checkout in place of the package. */
function onSources(code: string): string {
  return code.replaceAll(
    / from "(lambdask(?:\/bag|\/datasets)?)"/g,
    (_, name: keyof typeof sources) => {
      return ` from ${JSON.stringify(pathToFileURL(path.join(root, sources[name])).href)}`;
    },
  );
}

test("the documents have programs to run", () => {
  expect(programs.length).toBeGreaterThan(10);
});

test.for(programs)(
  "$name runs and prints what its comments say",
  async ({ name, language, code }) => {
    const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.${language}`);
    writeFileSync(file, onSources(code));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
    expect(stdout).not.toBe("");
    const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = ""]) => line);
    if (promised.length > 0) expect(stdout.trimEnd().split("\n")).toEqual(promised);
  },
);

test("the TypeScript of the documents passes the compiler in strict mode", async () => {
  const files = programs
    .filter(({ language }) => language === "ts")
    .map(({ code }, index) => {
      const file = path.join(folder, `typed-${index}.ts`);
      writeFileSync(file, `${code}\nexport {};\n`);
      return file;
    });
  const paths = Object.fromEntries(
    Object.entries(sources).map(([name, file]) => [name, [path.join(root, file)]]),
  );
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: "es2024",
    lib: ["esnext"],
    module: "nodenext",
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [path.join(root, "node_modules/@types")],
    paths,
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", folder]).catch((error: unknown) => {
    throw new Error(String((error as { readonly stdout?: string }).stdout ?? error));
  });
});
