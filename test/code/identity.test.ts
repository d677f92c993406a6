import fs from "node:fs/promises";
import path from "node:path";
import { groupBy } from "lodash-es";
import { describe, expect, test } from "vitest";
import { capture } from "../../src/code/capture.ts";
import { ProgramFolder, tsxFlags } from "./support/programs.ts";

/** The id of `task` in a program of these files. */
async function idOf(
  files: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<unknown> {
  await using folder = await ProgramFolder.make();
  const main = files["main.ts"] ?? "";
  await folder.write({
    ...files,
    "main.ts": `import { capture } from "#src/code/capture.ts";
${main}
console.log(JSON.stringify(capture(task).id));
`,
  });
  return await folder.run("main.ts", flags);
}

const plain = `import { groupBy } from "lodash-es";
import { scale } from "./scale.ts";
const factor = 3;
const unrelated = 1;
function helper(x: number): number {
  const inner = (y: number) => scale(y) * factor;
  return inner(x);
}
const task = (xs: number[]) => groupBy(xs.map(helper), (x) => (x % 2 ? "odd" : "even"));
`;
const scale = "export function scale(x: number): number { return x * 10; }\n";
const files = { "main.ts": plain, "scale.ts": scale };

/** The id that the others are held against, made once. */
const usual = idOf(files);

describe("the id of a function stays", () => {
  test("in another folder", async () => {
    expect(await usual).toMatch(/^[0-9a-f]{32}$/);
    expect(await idOf(files)).toBe(await usual);
  });

  test("under other formatting, quotes, comments, brackets, types and order of imports", async () => {
    const other = `// A comment.
import { scale } from './scale.ts'
import { groupBy } from 'lodash-es'
const factor = 3
const unrelated = 1
function helper(
  x: number | any
) {
  /* another */ const inner = (y: any): number => (scale((y)) * factor)
  return (inner(x))
}
const task =
  (xs: Array<number>): unknown =>
    groupBy(xs.map(helper), x => x % 2 ? 'odd' : 'even')
`;
    expect(await idOf({ ...files, "main.ts": other })).toBe(await usual);
  });

  test("when an import has another local name", async () => {
    const other = plain.replace("{ scale }", "{ scale as times }").replace("scale(y)", "times(y)");
    expect(await idOf({ ...files, "main.ts": other })).toBe(await usual);
  });

  test("when a variable that it does not use changes", async () => {
    const other = plain.replace("unrelated = 1", "unrelated = 2");
    expect(await idOf({ ...files, "main.ts": other })).toBe(await usual);
  });

  test("when tsx compiles the program", async () => {
    expect(await idOf(files, tsxFlags)).toBe(await usual);
  });
});

describe("the id of a function changes", () => {
  test.each([
    ["a captured value", { ...files, "main.ts": plain.replace("factor = 3", "factor = 4") }],
    ["a helper's code", { ...files, "main.ts": plain.replace("inner(x);", "inner(x) + 1;") }],
    ["its own code", { ...files, "main.ts": plain.replace("% 2", "% 3") }],
    ["an imported module of the project", { ...files, "scale.ts": scale.replace("10", "11") }],
    [
      "the thing that is imported",
      { ...files, "main.ts": plain.replace("{ groupBy }", "{ countBy as groupBy }") },
    ],
  ])("with %s", async (_what, changed) => {
    expect(await idOf(changed)).not.toBe(await usual);
  });

  test("with a module that an imported module imports", async () => {
    const chained = {
      "main.ts": plain,
      "scale.ts": 'import { ten } from "./ten.ts";\nexport const scale = (x: number) => x * ten;\n',
    };
    const before = await idOf({ ...chained, "ten.ts": "export const ten = 10;\n" });
    const after = await idOf({ ...chained, "ten.ts": "export const ten = 12;\n" });
    expect(before).not.toBe(after);
  });
});

describe("the id of a function changes with what stands behind a name", () => {
  const ten = "export const ten: number = 10;\n";
  const eleven = "export const ten: number = 11;\n";
  const main = (name: string): string =>
    `import { ten } from "${name}";\nconst task = (x: number) => x + ten;\n`;
  const print = `import { capture } from "#src/code/capture.ts";
console.log(JSON.stringify(capture(task).id));
`;

  /** Holds the ids of programs against each other: with `before` twice, and with `after`. */
  async function expectChange<T>(
    id: (text: T) => Promise<unknown>,
    before: T,
    after: T,
  ): Promise<void> {
    const [first, second, third] = [await id(before), await id(before), await id(after)];
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(first).toBe(second);
    expect(first).not.toBe(third);
  }

  test("that imports of package.json give", async () => {
    const manifest = JSON.stringify({ type: "module", imports: { "#ten": "./lib/ten.ts" } });
    const program = { "package.json": manifest, "main.ts": main("#ten") };
    await expectChange((text) => idOf({ ...program, "lib/ten.ts": text }), ten, eleven);
  });

  test("that paths of tsconfig.json give", async () => {
    await using folder = await ProgramFolder.make();
    const config = '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }';
    await folder.write({ "tsconfig.json": config, "main.ts": main("@/ten") + print });
    const id = async (text: string): Promise<unknown> => {
      await folder.write({ "src/ten.ts": text });
      return await folder.run("main.ts", tsxFlags, { cwd: folder.path });
    };
    await expectChange(id, ten, eleven);
  });

  test("that a linked package of the same repository has, which can only be imported", async () => {
    const manifest = '{ "name": "ten", "type": "module", "exports": { "import": "./index.ts" } }';
    const id = async (text: string): Promise<unknown> => {
      await using folder = await ProgramFolder.make({ packages: ["acorn"] });
      const [link, target] = ["node_modules/ten", "packages/ten"];
      await fs.symlink(path.join(folder.path, target), path.join(folder.path, link));
      const files = { "packages/ten/package.json": manifest, "packages/ten/index.ts": text };
      await folder.write({ ...files, "main.ts": main("ten") + print });
      return await folder.run("main.ts");
    };
    await expectChange(id, ten, eleven);
  });

  test("that require has, in a CommonJS program", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "main.cjs": `const { capture } = require("#src/code/capture.ts".slice(7));
const task = (x) => x + require("./ten.cjs").ten;
console.log(JSON.stringify(capture(task).id));
`,
    });
    const id = async (text: string): Promise<unknown> => {
      await folder.write({ "ten.cjs": text });
      return await folder.run("main.cjs");
    };
    await expectChange(id, "exports.ten = 10;", "exports.ten = 11;");
  });

  test("that is the version of a package which an imported module imports", async () => {
    const id = async (version: string): Promise<unknown> => {
      await using folder = await ProgramFolder.make({ packages: ["acorn"] });
      await folder.write({
        "node_modules/ten/package.json": `{ "name": "ten", "version": "${version}", "exports": "./i.mjs" }`,
        "node_modules/ten/i.mjs": "export const ten = 10;\n",
        "over.ts": 'export { ten } from "ten";\n',
        "main.ts": main("./over.ts") + print,
      });
      return await folder.run("main.ts");
    };
    await expectChange(id, "1.0.0", "1.0.1");
  });
});

test("vitest gives a function the id that it has in a plain program", async () => {
  const factor = 3;
  const task = (xs: number[]): unknown => groupBy(xs, (x) => x % factor);
  const id = await idOf({
    "main.ts": `import { groupBy } from "lodash-es";
const factor = 3;
const task = (xs: number[]): unknown => groupBy(xs, (x) => x % factor);
`,
  });
  expect(capture(task).id).toBe(id);
});

test("captured data counts by content, not by the objects that hold it", () => {
  const idWith = (table: unknown): string => capture(() => table).id;
  expect(idWith({ a: [1, 2] })).toBe(idWith({ a: [1, 2] }));
  expect(idWith({ a: [1, 2] })).not.toBe(idWith({ a: [1, 3] }));
  expect(idWith(new Float64Array(20_000))).toBe(idWith(new Float64Array(20_000)));
  expect(idWith(new Float64Array(20_000))).not.toBe(idWith(new Float64Array(20_001)));
  expect(idWith(0)).not.toBe(idWith(-0));
  expect(idWith("1")).not.toBe(idWith(1));
  const one = { a: 1 };
  expect(idWith([one, one])).not.toBe(idWith([{ a: 1 }, { a: 1 }]));
});
