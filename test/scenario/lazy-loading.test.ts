import { expect, test } from "vitest";
import { startProgram } from "./run-program.ts";

/** Modules of the library that a program with one task of `ms` milliseconds has loaded. */
async function loadedBy(ms: number): Promise<readonly string[]> {
  const program = startProgram("inline-wait", [String(ms)], { before: "loaded-modules" });
  expect(await program.ended, program.output.stderr).toBe(0);
  return JSON.parse(program.output.stdout.trimEnd().split("\n").at(-1) ?? "") as string[];
}

test("what shows progress is loaded by runs that are long enough to be shown, and by no others", async () => {
  const display = "client/progress/display.ts";
  const brief = await loadedBy(0);
  expect(brief).toContain("client/progress/watch.ts");
  expect(brief).not.toContain(display);
  expect(await loadedBy(700)).toContain(display);
});

test("a program without bags and clouds loads none of them", async () => {
  const loaded = await loadedBy(0);
  expect(loaded).toContain("index.ts");
  expect(loaded.filter((file) => /^(aws|cdk|cli|collections\/bag)\//.test(file))).toEqual([]);
});
