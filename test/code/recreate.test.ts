import dayjs from "dayjs";
import { flow } from "lodash-es";
import pLimit from "p-limit";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { capture } from "../../src/code/capture.ts";
import { ProgramFolder } from "./support/programs.ts";
import { Remote } from "./support/remote.ts";

const schema = z.object({ a: z.number() });
const increase = (x: number): number => x + 1;
const pipeline = flow([increase, (x: number) => x * 2]);
const limit = pLimit(2);
const day = dayjs("2026-01-02");

const remote = new Remote();
afterAll(() => remote[Symbol.asyncDispose]());

describe("with recreate, what a package has made for a constant is made again in the worker", () => {
  test.each([
    ["a schema", (x: { a: number }) => schema.parse(x), { a: 1 }, { a: 1 }],
    ["a function", (x: number) => [increase(x), pipeline(x)], 1, [2, 4]],
    ["a limiter", (x: number) => limit(() => Promise.resolve(x + 1)), 1, 2],
    ["a date", () => day.format("YYYY"), undefined, "2026"],
  ] as const)("%s", async (_what, task, argument, expected) => {
    expect(() => capture(task)).toThrow("perWorker");
    const shipped = capture(task, { recreate: true });
    expect(await remote.call(shipped, [argument])).toEqual(expected);
  });
});

test("in a plain program too, once per worker and for all functions alike", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "main.ts": `import { z } from "zod";
import { Remote } from "#support/remote.ts";
import { capture } from "#src/code/capture.ts";
const least = 3;
const schema = z.number().min(least);
await using remote = new Remote();
const call = (fn: (...args: any[]) => unknown, ...args: unknown[]) =>
  remote.call(capture(fn, { recreate: true }), args);
// V8 keeps a module's constant only if a function uses it.
const isEnough = (x: number) => x >= least;
await call(() => { Object.assign(globalThis, { kept: schema }); });
console.log(JSON.stringify([
  await call(() => schema === Reflect.get(globalThis, "kept")),
  await call((x: number) => schema.safeParse(x).success || isEnough(x), 2),
  await call((x: number) => schema.safeParse(x).success, least),
]));
`,
  });
  expect(await folder.run("main.ts")).toEqual([true, false, true]);
});

test("what Node has made, and what was made in a function, is refused all the same", () => {
  const own = z.object({ b: z.string() });
  expect(() => capture(() => own, { recreate: true })).toThrow("perWorker");
});
