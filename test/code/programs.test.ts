import fs from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import path from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { capture } from "../../src/code/capture.ts";
import { LinkHere } from "./support/link-here.ts";
import { ProgramFolder } from "./support/programs.ts";
import { Remote } from "./support/remote.ts";

const project = path.resolve(import.meta.dirname, "../..");

describe("the program's entry is never imported by a worker", () => {
  const main = `import { Remote } from "#support/remote.ts";
console.log("the top level runs");
export const double = (x: number) => x * 2;
export class Box { constructor(readonly n: number) {} }
await using remote = new Remote();
console.log(JSON.stringify(await remote.run((x: number) => double(x) + new Box(x).n, [4])));
`.replace(
    "constructor(readonly n: number) {}",
    "n: number; constructor(n: number) { this.n = n; }",
  );

  test("although it exports what its functions use", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({ "main.ts": main });
    expect(await folder.run("main.ts")).toBe(12);
    expect(await folder.output("main.ts")).toBe("the top level runs\n12\n");
  });

  test("also when it is started through a symbolic link", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({ "real/main.ts": main });
    await fs.symlink(path.join(folder.path, "real"), path.join(folder.path, "link"));
    expect(await folder.output("link/main.ts")).toBe("the top level runs\n12\n");
  });
});

test("a function that a module exports runs there with the module's own state", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "counter.ts": `let n = 0;
export function next(): number { return ++n; }
export const make = () => () => ++n;
`,
    "main.ts": `import { Remote } from "#support/remote.ts";
import { capture } from "#src/code/capture.ts";
import { next, make } from "./counter.ts";
next();
await using remote = new Remote();
const counts = [await remote.run(next), await remote.run(() => next()), await remote.run(next)];
let refusal = "";
try { capture(make()); } catch (error) { refusal = error.message; }
console.log(JSON.stringify([...counts, refusal.includes("assigns to \`n\`")]));
`,
  });
  expect(await folder.run("main.ts")).toEqual([1, 2, 3, true]);
});

test("CommonJS programs, typed-in code and node --test", async () => {
  await using folder = await ProgramFolder.make();
  const link = `const run = async (fn, ...args) => {
  const shipped = capture(fn);
  const read = (hash) => Promise.resolve(blobsOf(shipped).get(hash));
  return (await createLinker({ readBlob: read }).link(shipped))(...args);
};
`;
  await folder.write({
    "main.cjs": `const { capture, blobsOf } = require("#src/code/capture.ts".slice(7));
const { createLinker } = require("#src/code/link.ts".slice(7));
const _ = require("lodash");
const { groupBy } = require("lodash");
const fs = require("fs");
const factor = 3;
const { chunk } = _;
${link}
const tasks = [
  (x) => x * factor, (x) => _.sum([x, 1]), (x) => groupBy([x], String), () => fs.existsSync("/"),
  async () => (await import("lodash-es")).sum([1, 2]), () => require("lodash").sum([3, 1]), () => chunk([1, 2], 1),
];
(async () => {
  const results = [];
  for (const task of tasks) results.push(await run(task, 2));
  console.log(JSON.stringify(results));
})();
`,
    "own.test.mjs": `import assert from "node:assert";
import { test } from "node:test";
import { sum } from "lodash-es";
import { capture, blobsOf } from "#src/code/capture.ts";
import { createLinker } from "#src/code/link.ts";
${link}
export const double = (x) => sum([x, x]);
test("own", async () => assert.equal(await run((x) => double(x) + 1, 4), 9));
`,
  });
  expect(await folder.run("main.cjs")).toEqual([6, 3, { 2: [2] }, true, 3, 4, [[1], [2]]]);
  expect(await folder.output("own.test.mjs", ["--test"])).toMatch(/pass 1\n.*fail 0/);
});

test("JSON, subpath imports, re-exports and imports for side effects", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "package.json": '{ "type": "module", "imports": { "#tools/*": "./tools/*.ts" } }',
    "data.json": '{ "rate": 4 }',
    "tools/inner.ts": "export const ten = 10; export default (x: number) => x - 1;\n",
    "tools/outer.ts": 'export { ten as decem, default as less } from "./inner.ts";\n',
    "main.ts": `import data from "./data.json" with { type: "json" };
import { decem, less } from "#tools/outer";
import "./tools/inner.ts";
import { Remote } from "#support/remote.ts";
await using remote = new Remote();
const task = async (x: number) => {
  const { ten } = await import("#tools/inner");
  return [data.rate * x, decem, less(x), ten];
};
console.log(JSON.stringify(await remote.run(task, [5])));
`,
  });
  expect(await folder.run("main.ts")).toEqual([20, 10, 4, 10]);
});

test("JSON under vitest", async () => {
  await using remote = new Remote();
  expect(await remote.run(() => [manifest.name, typeof manifest.version])).toEqual([
    "lambdask",
    "string",
  ]);
});

test("what was linked can be captured again, under the same id", async () => {
  const here = new LinkHere();
  const factor = 3;
  const helper = (x: number): number => Math.abs(x) * factor;
  const task = (x: number): unknown => [helper(x), helper];
  const linked = await here.ship(task);
  expect(capture(linked).id).toBe(capture(task).id);
  const [value, inner] = (await here.run(linked, -2)) as [number, (x: number) => number];
  expect([value, await here.run(inner, -5)]).toEqual([6, 15]);
});

test("installed as a package, the library's own functions are captured like the program's, and esbuild is asked for", async () => {
  await using folder = await ProgramFolder.make({ packages: ["acorn", "lodash-es"] });
  const installed = path.join(folder.path, "node_modules/lambdask");
  await folder.write({
    "node_modules/lambdask/package.json": '{ "type": "module", "version": "0" }',
  });
  for (const room of ["base", "backend", "code"]) {
    const from = path.join(project, "src", room);
    for (const name of await fs.readdir(from, { recursive: true })) {
      if (!name.endsWith(".ts")) continue;
      const text = stripTypeScriptTypes(await fs.readFile(path.join(from, name), "utf8"));
      const script = text.replaceAll(/(\bfrom ")([^"]+)\.ts"/g, '$1$2.js"');
      await folder.write({
        [`node_modules/lambdask/dist/${room}/${name.slice(0, -3)}.js`]: script,
      });
    }
  }
  await fs.writeFile(
    path.join(installed, "dist/collection.js"),
    "export const twice = (fn) => (x) => fn(fn(x));\n",
  );
  await folder.write({
    "main.ts": `import { sum } from "lodash-es";
import { blobsOf, capture } from "./node_modules/lambdask/dist/code/capture.js";
import { createLinker } from "./node_modules/lambdask/dist/code/link.js";
import { twice } from "./node_modules/lambdask/dist/collection.js";
const shipped = capture(twice((x: number) => sum([x, 5])));
const linker = createLinker({ readBlob: async (hash) => blobsOf(shipped).get(hash) });
const { bundleImports } = await import("./node_modules/lambdask/dist/code/bundle/make-bundle.js");
const refused = await bundleImports([shipped]).catch((error) => error.message);
console.log(JSON.stringify([(await linker.link(shipped))(1), refused]));
`,
  });
  expect(await folder.run("main.ts")).toEqual([
    11,
    expect.stringMatching(/^esbuild, .* is not installed\n {2}fix: npm install --save-dev esbuild/),
  ]);
});
