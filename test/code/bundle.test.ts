import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as dates from "date-fns";
import lodash, { chunk } from "lodash";
import { groupBy } from "lodash-es";
import { Packr } from "msgpackr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import { bundleImports } from "../../src/code/bundle/make-bundle.ts";
import { openBundle } from "../../src/code/bundle/open-bundle.ts";
import { capture } from "../../src/code/capture.ts";
import { cleanStack } from "../../src/code/user-frames.ts";
import { callCount, Sub, Thing, twice } from "./matrix/helper.ts";
import { ready } from "./matrix/ready.ts";
import { BundledRemote } from "./support/bundled.ts";
import { ProgramFolder, tsxFlags } from "./support/programs.ts";

let remote: BundledRemote;
beforeAll(async () => {
  remote = await BundledRemote.start();
});
afterAll(() => remote[Symbol.asyncDispose]());

describe("in a process that can read neither the program nor its packages", () => {
  const factor = 3;
  test.each<[string, (x: number) => unknown]>([
    ["a module of the project", (x) => twice(x) * factor],
    ["its classes", (x) => [new Sub(x).get(), new Sub(x) instanceof Thing]],
    ["a module that takes a while to load", (x) => ready + x],
    ["a package of modules", (x) => groupBy([x, x + 1], (y) => y % 2)],
    ["all of a package", (x) => dates.addDays(new Date(x), 1).getTime()],
    ["a large package", (x) => z.number().parse(x)],
    ["a CommonJS package", (x) => [lodash.sum([x, 1]), chunk([x, 2], 1)]],
    ["a package that can do without its native add-on", (x) => new Packr().pack(x).length],
    ["a literal import()", async (x) => (await import("lodash-es")).sum([x, 2])],
    ["JSON", (x) => [x, manifest.name]],
    ["what is Node's own", (x) => delay(1, x)],
  ])("%s", async (_what, task) => {
    expect(await remote.run(task, [4])).toEqual(await task(4));
  });

  test("variables of a module stay its own, and are seen as they change", async () => {
    const before = (await remote.run(() => callCount())) as number;
    await remote.run((x: number) => twice(x), [1]);
    // Another set of imports is another bundle, so both are named here.
    const both = (x: number): number => twice(x) + callCount();
    const first = (await remote.run(both, [1])) as number;
    expect((await remote.run(both, [1])) as number).toBe(first + 1);
    expect(before).toBeGreaterThanOrEqual(0);
  });

  test("functions that came with a task are sent on under their own id", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "lib.ts": "export const ten = 10;\nexport const add = (x: number) => x + ten;\n",
      "main.ts": `import { sum } from "lodash-es";
import { add } from "./lib.ts";
import { BundledRemote } from "#support/bundled.ts";
import { capture } from "#src/code/capture.ts";
await using remote = await BundledRemote.start();
const inner = (x: number) => sum([add(x), 1]);
const key = Symbol.for("lambdask.test.capture");
console.log(JSON.stringify([
  await remote.run(() => (globalThis as any)[key](inner)), capture(inner).id,
  await remote.run(() => (globalThis as any)[key](add)), capture(add).id,
]));
`,
    });
    const [one, two, three, four] = (await folder.run("main.ts")) as string[];
    expect([one, three]).toEqual([two, four]);
  });
});

describe("from each kind of program", () => {
  const program = `import { sum } from "lodash-es";
import _ from "lodash";
import data from "./data.json" with { type: "json" };
import { next, made } from "./lib/counter.ts";
import { ten } from "#tools/ten";
import { BundledRemote } from "#support/bundled.ts";
const factor = 3;
const task = async (x) => {
  next();
  next();
  const { ten: again } = await import("#tools/ten");
  return [sum([x, factor]), _.sum([1, x]), _.chunk([1, 2], 1), data.rate, made, ten, again];
};
await using remote = await BundledRemote.start();
console.log(JSON.stringify(await remote.run(task, [4])));
`;
  const files = {
    "data.json": '{ "rate": 4 }',
    "lib/counter.ts": "export let made: number = 0;\nexport const next = (): number => ++made;\n",
    "tools/ten.ts": "export const ten: number = 10;\n",
  };
  const expected = [7, 5, [[1], [2]], 4, 2, 10, 10];

  test.each([
    ["native TypeScript", "main.ts", [] as readonly string[]],
    ["tsx", "main.ts", tsxFlags],
    ["a .mjs file", "main.mjs", []],
  ])("%s", async (_kind, name, flags) => {
    await using folder = await ProgramFolder.make();
    await folder.write({ ...files, [name]: program });
    await fs.writeFile(
      path.join(folder.path, "package.json"),
      '{ "type": "module", "imports": { "#tools/*": "./tools/*.ts" } }',
    );
    expect(await folder.run(name, flags)).toEqual(expected);
  });

  test("CommonJS", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "data.json": '{ "rate": 4 }',
      "lib/own.cjs": "exports.own = (x) => x * 5;\nexports.state = { n: 1 };\n",
      "main.cjs": `const { BundledRemote } = require("#support/bundled.ts".slice(7));
const _ = require("lodash");
const { groupBy } = require("lodash");
const { own } = require("./lib/own.cjs");
const data = require("./data.json");
const task = async (x) => [
  _.sum([x, 1]), groupBy([x], String), own(x), data.rate, require("./lib/own.cjs").state.n,
  (await import("lodash-es")).sum([1, 2]),
];
(async () => {
  const remote = await BundledRemote.start();
  console.log(JSON.stringify(await remote.run(task, [2])));
  await remote[Symbol.asyncDispose]();
})();
`,
    });
    expect(await folder.run("main.cjs")).toEqual([3, { 2: [2] }, 10, 4, 1, 3]);
  });
});

describe("a bundle", () => {
  test("is one for equal sets of imports, however many functions there are", async () => {
    const shipped = [1, 2].map((n) => capture((x: number) => twice(x) + n));
    const [one] = await Promise.all([
      bundleImports(shipped),
      bundleImports([...shipped].reverse()),
    ]);
    expect(await bundleImports(shipped.slice(1))).toBe(one);
    const other = await bundleImports([...shipped, capture(() => ready)]);
    expect(other?.hash).not.toBe(one?.hash);
  });

  test("is not needed by functions that import nothing but Node's own", () => {
    expect(bundleImports([capture((x: number) => delay(x))])).toBeUndefined();
  });

  test("is refused if it is not what its hash says", async () => {
    const bundle = await bundleImports([capture((x: number) => twice(x))]);
    const bytes = Uint8Array.from(bundle?.bytes ?? []);
    bytes[bytes.length - 5] = 32;
    const forged = { hash: (bundle as { hash: ShippedFunction["id"] }).hash, bytes };
    expect(() => openBundle(forged)).toThrow("is not what its hash");
  });

  test("leaves to the worker what it has by other means", async () => {
    const name = "lambdask-test-layer";
    await using folder = await ProgramFolder.make();
    await using withLayer = await BundledRemote.start({
      [`node_modules/${name}/package.json`]: '{ "type": "commonjs" }',
      [`node_modules/${name}/index.js`]: "exports.from = 'the layer';\n",
    });
    await folder.write({ [`packages/${name}/index.js`]: "exports.from = 'the program';\n" });
    const fn = await layered(folder, name);
    const shipped = capture(fn);
    expect(shipped.modules.length).toBeGreaterThan(0);
    expect(await withLayer.run(fn, [], { external: [name] })).toBe("the layer");
    await expect(remote.run(fn, [], { external: [name] })).rejects.toThrow(
      /lambdask-test-layer.* is neither in the bundle nor installed in the worker/,
    );
  });
});

/** A function of a module that imports a package which only the module's own folder has. */
async function layered(folder: ProgramFolder, name: string): Promise<() => unknown> {
  await folder.write({
    "user.mjs": `import layer from "${name}";
const make = () => () => layer.from;
export const fn = make();
`,
  });
  await fs.unlink(path.join(folder.path, "node_modules"));
  await fs.rename(path.join(folder.path, "packages"), path.join(folder.path, "node_modules"));
  const loaded = (await import(path.join(folder.path, "user.mjs"))) as { fn: () => unknown };
  return loaded.fn;
}

describe("what no bundle can hold is refused with what to do", () => {
  test.each([
    [
      "a native add-on",
      {
        "pkg/index.mjs": 'import addon from "./addon.node";\nexport const use = () => addon;\n',
        "pkg/addon.node": "",
      },
      /loads a native add-on \(\.\/addon\.node\)[\s\S]*Lambda layer/,
    ],
    [
      "an add-on that is looked for at run time",
      { "pkg/index.mjs": 'import find from "bindings";\nexport const use = () => find("x");\n' },
      /loads a native add-on \(bindings\)[\s\S]*external/,
    ],
    [
      "a file beside the code",
      {
        "pkg/index.mjs": `import fs from "node:fs";
export const use = () => fs.readFileSync(new URL("./words.txt", import.meta.url), "utf8");
`,
        "pkg/words.txt": "words",
      },
      /uses the file .*words\.txt beside it[\s\S]*capture what it holds/,
    ],
    [
      "an import of what is no code",
      {
        "pkg/index.mjs": 'import image from "./a.png";\nexport const use = () => image;\n',
        "pkg/a.png": "",
      },
      /cannot be bundled: No loader is configured for "\.png"[\s\S]*holds code only/,
    ],
    [
      "a package that is not installed",
      { "pkg/index.mjs": 'export const use = () => import("lambdask-no-such-package");\n' },
      /cannot be bundled: Could not resolve "lambdask-no-such-package"[\s\S]*install what is missing/,
    ],
  ])("%s", async (_what, files, expected) => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      ...(files as Record<string, string>),
      "main.mjs": `import { bundleImports } from "#src/code/bundle/make-bundle.ts";
import { capture } from "#src/code/capture.ts";
const task = async () => (await import("./pkg/index.mjs")).use();
const error = await bundleImports([capture(task)]).catch((thrown) => thrown);
console.log(JSON.stringify(error.code + " " + error.message));
`,
    });
    const said = String(await folder.run("main.mjs"));
    expect(said).toMatch(/^CANNOT_SHIP /);
    expect(said).toMatch(expected);
  });
});

test("a stack from a minified bundle names the user's files, lines and columns", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "check.ts": `interface Row {
  id: number;
}

export function check(row: Row): void {
  if (row.id > 3) {
    throw new RangeError(\`row \${row.id} is too big\`);
  }
}
`,
    "main.ts": `import { BundledRemote } from "#support/bundled.ts";
import { cleanStack } from "#src/code/user-frames.ts";
import { check } from "./check.ts";

await using remote = await BundledRemote.start();
const stack = await remote.run(
  (id: number) => { check({ id }); }, [9]).catch((e) => e.remoteStack);
console.log(JSON.stringify([stack, cleanStack(stack)]));
`,
  });
  const [raw = "", clean = ""] = (await folder.run("main.ts")) as string[];
  expect(raw).toMatch(/lambdask-bundle-[0-9a-f]{32}\/m0\.js:\d+:\d+/);
  const lines = clean.split("\n");
  expect(lines[0]).toBe("RangeError: row 9 is too big");
  expect(lines[1]).toMatch(new RegExp(`at check \\(file://${folder.path}/check\\.ts:7:11\\)$`));
  expect(lines[2]).toMatch(new RegExp(`at file://${folder.path}/main\\.ts:7:21$`));
  expect(cleanStack("Error: no frames")).toBe("Error: no frames");
});
