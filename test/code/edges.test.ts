import fs from "node:fs/promises";
import path from "node:path";
import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { capture } from "../../src/code/capture.ts";
import { Thing } from "./matrix/helper.ts";
import { LinkHere } from "./support/link-here.ts";
import { ProgramFolder } from "./support/programs.ts";

const here = new LinkHere();

describe("classes", () => {
  test("that extend null, a built-in, an imported class", async () => {
    class Bare extends null {
      static who(): string {
        return "bare";
      }
    }
    class Problem extends RangeError {
      readonly code: number = 7;
    }
    class Bigger extends Thing {
      override get(): number {
        return super.get() + 1;
      }
    }
    const task = (): unknown => {
      const problem = new Problem("no");
      return [Bare.who(), problem instanceof RangeError, problem.code, new Bigger(4).get()];
    };
    expect(await here.run(task)).toEqual(["bare", true, 7, 5]);
  });

  test("with static private members, accessor pairs and computed names", async () => {
    const key = "computed";
    class Counter {
      static #made = 0;
      static make(): Counter {
        Counter.#made++;
        return new Counter();
      }
      static get made(): number {
        return Counter.#made;
      }
      static set made(n: number) {
        Counter.#made = n;
      }
      [key](): string {
        return key;
      }
      "with space"(): number {
        return 1;
      }
      7(): number {
        return 7;
      }
    }
    const task = (): unknown => {
      Counter.made = 5;
      const one = Counter.make();
      return [Counter.made, one.computed(), one["with space"](), one[7]()];
    };
    expect(await here.run(task)).toEqual([6, "computed", 1, 7]);
  });
});

test("an inspector that is attached already does not matter", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "main.ts": `import inspector from "node:inspector";
import { Remote } from "#support/remote.ts";
const session = new inspector.Session();
session.connect();
session.post("Debugger.enable");
const factor = 3;
await using remote = new Remote();
console.log(JSON.stringify(await remote.run((x: number) => x * factor, [2])));
`,
  });
  expect(await folder.run("main.ts", ["--inspect=127.0.0.1:0"])).toBe(6);
});

describe("functions", () => {
  test("bound twice, bound built-ins, methods under odd names, getters", async () => {
    const add = (a: number, b: number, c: number): number => a + b + c;
    const bound = add.bind(null, 1).bind(null, 2);
    const has = Set.prototype.has.bind(new Set([3]));
    const object = {
      "two words": (): number => 2,
      3: (): number => 3,
      get loud(): string {
        return "LOUD";
      },
    };
    const task = (): unknown => [bound(3), has(3), object["two words"](), object[3](), object.loud];
    expect(await here.run(task)).toEqual([6, true, 2, 3, "LOUD"]);
  });

  test("whose toString says something else", async () => {
    const factor = 2;
    const odd = (x: number): number => x * factor;
    odd.toString = () => "nonsense";
    const linked = await here.ship((x: number) => odd(x));
    expect(linked(4)).toBe(8);
  });

  test("of another realm are refused", () => {
    const foreign = vm.runInNewContext("const base = 10; (x) => x + base") as (x: number) => number;
    expect(() => capture(foreign)).toThrow(/another realm \(a vm context\)/);
  });

  test("made by new Function", async () => {
    expect(await here.run(new Function("a", "b", "return a - b") as () => number, 5, 3)).toBe(2);
  });
});

test("data: views with offsets on one buffer, causes, lone surrogates, null prototypes, frozen", async () => {
  const buffer = new Float64Array([1, 2, 3, 4]).buffer;
  const [whole, tail] = [new Float64Array(buffer), new Float64Array(buffer, 16)];
  const error = new AggregateError([new TypeError("one")], "all", { cause: { deep: 1 } });
  const table = Object.assign(Object.create(null) as object, { a: "\ud800" });
  const frozen = Object.freeze({ list: Object.freeze([1]) });
  const task = (): unknown => {
    whole[2] = 30;
    return [
      tail[0],
      error.errors[0] instanceof TypeError,
      error.cause,
      Object.getPrototypeOf(table),
      table,
      [Object.isFrozen(frozen), Object.isFrozen(frozen.list)],
    ];
  };
  expect(await here.run(task)).toEqual([30, true, { deep: 1 }, null, table, [true, true]]);
  expect(whole[2]).toBe(3);
});

describe("packages", () => {
  const manifest = (version: string): string =>
    JSON.stringify({
      name: "dual",
      version,
      exports: { ".": { require: "./dual.cjs", import: "./dual.mjs" }, "./sub": "./sub.mjs" },
    });
  const program = `import dual from "dual";
import { sub as again } from "dual/sub";
import { Remote } from "#support/remote.ts";
import { capture } from "#src/code/capture.ts";
const task = async () => [dual, again, (await import("dual")).default];
await using remote = new Remote();
console.log(JSON.stringify([await remote.run(task), capture(task).id]));
`;

  async function run(version: string, ending: string = "mjs"): Promise<[unknown, string]> {
    await using folder = await ProgramFolder.make({ packages: ["acorn"] });
    await folder.write({
      "node_modules/dual/package.json": manifest(version),
      "node_modules/dual/dual.cjs": "module.exports = 'required';\n",
      "node_modules/dual/dual.mjs": "export default 'imported';\n",
      "node_modules/dual/sub.mjs": "export { sub } from './inner.mjs';\n",
      "node_modules/dual/inner.mjs": "export const sub = 'sub';\n",
      [`main.${ending}`]: program,
      "main.cjs": `const { Remote } = require("#support/remote.ts".slice(7));
const { capture } = require("#src/code/capture.ts".slice(7));
const dual = require("dual");
const task = async () => [dual, "sub", (await import("dual")).default];
const remote = new Remote();
remote.run(task).then((found) => {
  console.log(JSON.stringify([found, capture(task).id]));
  return remote[Symbol.asyncDispose]();
});
`,
    });
    return (await folder.run(`main.${ending === "mjs" ? "mjs" : "cjs"}`)) as [unknown, string];
  }

  test("with a file for import and one for require are taken as they were", async () => {
    expect((await run("1.0.0"))[0]).toEqual(["imported", "sub", "imported"]);
    expect((await run("1.0.0", "ts"))[0]).toEqual(["required", "sub", "imported"]);
  });

  test("of another version make another identity", async () => {
    const [[, one], [, same], [, other]] = [
      await run("1.0.0"),
      await run("1.0.0"),
      await run("1.0.1"),
    ];
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  test("in the folders that pnpm makes are found, and have the id that they have elsewhere", async () => {
    const manifest = '{ "name": "ten", "version": "1.0.0", "exports": "./i.mjs" }';
    const text = "export const ten = 10;\n";
    const main = `import { ten } from "ten";
import { Remote } from "#support/remote.ts";
import { capture } from "#src/code/capture.ts";
const task = (x) => x + ten;
await using remote = new Remote();
console.log(JSON.stringify([await remote.run(task, [1]), capture(task).id]));
`;
    const store = "node_modules/.pnpm/ten@1.0.0/node_modules/ten";
    const runs: unknown[] = [];
    for (const at of [store, "node_modules/ten"]) {
      await using folder = await ProgramFolder.make({ packages: ["acorn"] });
      const files = { [`${at}/package.json`]: manifest, [`${at}/i.mjs`]: text, "main.mjs": main };
      await folder.write(files);
      const link = path.join(folder.path, "node_modules/ten");
      if (at === store) await fs.symlink(path.join(folder.path, store), link);
      runs.push(await folder.run("main.mjs"));
    }
    expect(runs[0]).toEqual([11, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(runs[1]).toEqual(runs[0]);
  });

  test("of the same repository, linked, are its own modules", async () => {
    await using folder = await ProgramFolder.make({ packages: ["acorn"] });
    await folder.write({
      "packages/shared/package.json":
        '{ "name": "shared", "type": "module", "exports": "./index.ts" }',
      "packages/shared/index.ts": "export const ten: number = 10;\n",
      "main.ts": `import { ten } from "shared";
import { Remote } from "#support/remote.ts";
await using remote = new Remote();
console.log(JSON.stringify(await remote.run((x: number) => x + ten, [1])));
`,
    });
    const link = path.join(folder.path, "node_modules/shared");
    await fs.symlink(path.join(folder.path, "packages/shared"), link);
    expect(await folder.run("main.ts")).toBe(11);
  });
});

test("what only its own process has is refused by name", () => {
  const symbol = Symbol("mine");
  const shared = new Int32Array(new SharedArrayBuffer(8));
  class Floats extends Float64Array {}
  const floats = new Floats(2);
  const intl = new Intl.NumberFormat("en");
  expect(() => capture(() => symbol)).toThrow(/fix: use Symbol\.for\("mine"\)/);
  expect(() => capture(() => shared)).toThrow(/`shared.*SharedArrayBuffer[\s\S]*copy it/);
  expect(() => capture(() => floats)).toThrow(/subclass of Float64Array/);
  expect(() => capture(() => intl)).toThrow(/NumberFormat[\s\S]*perWorker/);
});
