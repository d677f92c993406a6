import { expect, test } from "vitest";
import { ProgramFolder, tsxFlags } from "./support/programs.ts";

/** What only TypeScript has, beyond types that are left out. */
const program = (decorator: string, accessor: string): string => `import assert from "node:assert";
import { Remote } from "#support/remote.ts";
enum Color { Red = 1, Blue = "b" }
const enum Inlined { A = 5 }
namespace Space {
  export const v = 3;
  export function f(x: number) { return x + v; }
}
function log(value: any, context: any) {
  return context.kind === "method"
    ? function (this: any, ...args: any[]) { return "logged " + value.apply(this, args); }
    : value;
}
class Parameters { constructor(public n: number, private m = 2) {} get() { return this.n + this.m; } }
class Decorated { ${decorator} hi() { return "x"; } }
class Accessor { ${accessor} q = 4; static #c = 9; static read() { return Accessor.#c; } declare z: number; }
abstract class Abstract { abstract go(): number; run() { return this.go() + 1; } }
class Concrete extends Abstract { go() { return 1; } }
function over(x: number): number;
function over(x: string): string;
function over(x: any) { return x; }
const pair = [1, 2] as const;
const config = { a: 1 } satisfies Record<string, number>;
const tasks: (() => unknown)[] = [
  () => [Color.Red, Color[1], Color.Blue, Inlined.A, Space.f(4)],
  () => [new Parameters(1).get(), new Decorated().hi(), new Accessor().q, Accessor.read()],
  () => [new Concrete().run(), over(1), over("a"), pair[1], config.a],
  () => {
    const log: string[] = [];
    { using r = { [Symbol.dispose]() { log.push("disposed"); } }; log.push(typeof r); }
    return log;
  },
];
await using remote = new Remote(process.execArgv);
const results = [];
for (const task of tasks) results.push(await remote.run(task));
console.log(JSON.stringify(results));
`;

const expected = (hi: string): unknown => [
  [1, "Red", "b", 5, 7],
  [3, hi, 4, 9],
  [2, 1, "a", 2, 1],
  ["object", "disposed"],
];

test("enums, namespaces, parameter properties, decorators, accessors and using, through tsx", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({ "main.ts": program("@log", "accessor") });
  expect(await folder.run("main.ts", tsxFlags)).toEqual(expected("logged x"));
});

test("the same as far as Node transforms it", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({ "main.ts": program("", "") });
  const flags = ["--experimental-transform-types", "--no-warnings"];
  expect(await folder.run("main.ts", flags)).toEqual(expected("x"));
});
