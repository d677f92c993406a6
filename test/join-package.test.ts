import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { joinPackage } from "../scripts/join-package.ts";
import { loadedWith } from "../scripts/join-rules.ts";

let folder: string;
let outputs: Metafile["outputs"];
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-joined-"));
  outputs = await joinPackage(folder);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The built files that are loaded at once with what a source became. */
function loadedBy(entry: string): string[] {
  const [built = ""] = Object.entries(outputs).find(([, one]) => one.entryPoint === entry) ?? [];
  return [...loadedWith(built, outputs)];
}

test("each source is in one file of the package, so that all entries share its state", () => {
  const where = new Map<string, string[]>();
  for (const [file, { inputs }] of Object.entries(outputs)) {
    for (const input of Object.keys(inputs)) where.set(input, [...(where.get(input) ?? []), file]);
  }
  expect(where.size).toBeGreaterThan(300);
  expect([...where].filter(([, files]) => files.length > 1)).toEqual([]);
});

test.each([
  ["src/index.ts", 10],
  ["src/bag.ts", 25],
  ["src/local/process-main.ts", 35],
])("%s loads at most %i files at once", (entry, most) => {
  const files = loadedBy(entry);
  expect(files.length).toBeGreaterThan(1);
  expect(files.length).toBeLessThanOrEqual(most);
});

test("what is seldom needed waits until it is", () => {
  const packages = (entry: string): string[] => {
    const imports = loadedBy(entry).flatMap((file) => outputs[file]?.imports ?? []);
    const names = imports.filter((one) => one.external && one.kind === "import-statement");
    return [...new Set(names.map(({ path: name }) => name))].filter((name) => !/^node:/.test(name));
  };
  expect(packages("src/index.ts")).toEqual(["msgpackr/pack"]);
  expect(packages("src/bag.ts")).toEqual(["msgpackr/pack"]);
  expect(packages("src/aws.ts")).toEqual(["msgpackr/pack"]);
  expect(packages("src/cli/main.ts")).toEqual([]);
  expect(packages("src/cdk.ts").some((name) => name.includes("msgpackr"))).toBe(false);
});

test("a function that goes along with the user's is in a small file, which is read whole to capture it", () => {
  const travelling = "src/collections/delayed-builder.ts";
  const [file] = Object.values(outputs).filter(({ inputs }) => inputs[travelling]);
  expect(Object.keys(file?.inputs ?? {})).toEqual([travelling]);
});

test("source maps lead to the sources that the package holds beside it", () => {
  const joined = path.join(folder, "joined");
  const maps = fs.readdirSync(joined).filter((name) => name.endsWith(".map"));
  expect(maps.length).toBeGreaterThan(10);
  for (const name of maps) {
    const text = fs.readFileSync(path.join(joined, name), "utf8");
    const { sources, sourcesContent } = JSON.parse(text) as Record<string, string[]>;
    expect(sourcesContent).toBeUndefined();
    for (const source of sources ?? []) expect(fs.existsSync(path.join(joined, source))).toBe(true);
  }
});
