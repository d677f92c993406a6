import { afterAll, describe, expect, test } from "vitest";
import { cleanStack, shownStack } from "../../src/code/user-frames.ts";
import { ProgramFolder, tsxFlags } from "./support/programs.ts";
import { Remote, type RemoteError } from "./support/remote.ts";

interface Row {
  readonly id: number;
}

const limit: number = 3;
function check(row: Row): number {
  if (row.id > limit) {
    throw new RangeError(`row ${row.id} is too big`); // line 13, column 11
  }
  return row.id;
}

describe("the stack of an error in a worker names the user's file, line and column", () => {
  const remote = new Remote();
  afterAll(() => remote[Symbol.asyncDispose]());

  test("under vitest", async () => {
    const task = async (row: Row): Promise<number> => {
      await Promise.resolve();
      return check(row); // line 25, column 14
    };
    const error = await remote.run(task, [{ id: 9 }]).then(
      () => undefined,
      (thrown: RemoteError) => thrown,
    );
    const lines = cleanStack(error?.remoteStack ?? "").split("\n");
    expect(lines).toEqual([
      "RangeError: row 9 is too big",
      expect.stringMatching(/at check \(.*\/test\/code\/stack\.test\.ts:13:11\)$/),
      expect.stringMatching(/at task \(.*\/test\/code\/stack\.test\.ts:25:14\)$/),
      // The worker's own code stands outside of this library's folder here.
      expect.stringContaining("support/worker.ts"),
    ]);
  });

  test.each([
    ["native TypeScript", []],
    ["tsx", tsxFlags],
  ])("in a program run as %s", async (_kind, flags) => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "main.ts": `import { Remote } from "#support/remote.ts";
import { cleanStack, shownStack } from "#src/code/user-frames.ts";
interface Row { id: number; }
class Account {
  id: number;
  constructor(id: number) { this.id = id; }
  check(this: Account, most: number): void { if (this.id > most) throw new TypeError("too big"); }
}
const helper = (row: Row) =>
  new Account(row.id)
    .check(3);

await using remote = new Remote(process.execArgv);
const stack = await remote.run(
  (row: Row) => { helper(row); }, [{ id: 9 }]).catch((e) => e.remoteStack);
console.log(JSON.stringify(cleanStack(stack)));
`,
    });
    const lines = String(await folder.run("main.ts", flags)).split("\n");
    const places = lines.map((line) => /main\.ts:(\d+:\d+)\)?$/.exec(line)?.[1]);
    expect(lines[0]).toBe("TypeError: too big");
    expect(places.slice(1, 4)).toEqual(["7:72", "11:6", "15:19"]);
  });

  test("in a class with static code, its constructor, and code of a package", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "main.ts": `import { Remote } from "#support/remote.ts";
import { cleanStack } from "#src/code/user-frames.ts";
import { z } from "zod";
const least = 3;
const Account = class {
  static #made = [least].length;
  static count() { return Account.#made; }
  constructor(id: number) {
    Account.#made++; if (id < least) throw new RangeError("small");
  }
};
const parse = (value: unknown) =>
  z.string().parse(value);
await using remote = new Remote();
const stackOf = (fn: () => unknown) => remote.run(fn).catch((e) => cleanStack(e.remoteStack));
console.log(JSON.stringify([
  await stackOf(() => new Account(1)),
  await stackOf(() => parse(1)),
]));
`,
    });
    const [made, parsed] = (await folder.run("main.ts")) as [string, string];
    const places = (stack: string): string[] =>
      [...stack.matchAll(/main\.ts:(\d+:\d+)/g)].map(([, place = ""]) => place);
    expect(places(made).slice(0, 2)).toEqual(["9:44", "17:23"]);
    expect(places(parsed).slice(0, 2)).toEqual(["13:14", "18:23"]);
  });

  test("in the first line of a file", async () => {
    await using folder = await ProgramFolder.make();
    await folder.write({
      "main.ts": `const boom = (x: number) => { throw new TypeError(\`x is \${x}\`); };
import { Remote } from "#support/remote.ts";
import { cleanStack, shownStack } from "#src/code/user-frames.ts";
await using remote = new Remote();
const stack = await remote.run((x: number) => boom(x), [1]).catch((e) => e.remoteStack);
console.log(JSON.stringify(cleanStack(stack)));
`,
    });
    const places = String(await folder.run("main.ts"))
      .split("\n")
      .map((line) => /main\.ts:(\d+:\d+)\)?$/.exec(line)?.[1]);
    expect(places.slice(1, 3)).toEqual(["1:37", "5:47"]);
  });
});

test("this library's own frames are hidden, and shown if that is asked for", () => {
  const engine = new URL("../../src/worker/run-task.ts", import.meta.url).href;
  const stack = `Error: no\n    at f (file:///home/me/a.ts:1:2)\n    at run (${engine}:3:4)`;
  const hidden = shownStack(stack, { allFrames: false });
  expect(hidden).toBe("Error: no\n    at f (file:///home/me/a.ts:1:2)");
  expect(shownStack(stack, { allFrames: true })).toBe(stack);
});
