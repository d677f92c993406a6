import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tsxFlags } from "../support/programs.ts";
import { Remote } from "../support/remote.ts";
import { allCases, matrixCases } from "./all.ts";
import { runCase } from "./run-case.ts";

const program = fileURLToPath(new URL("./program.ts", import.meta.url));

/** What became of each case in a program of its own. */
async function runProgram(flags: readonly string[]): Promise<Map<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program]);
  const lines = stdout.trim().split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

test("there are 92 cases and 39 kinds of scope, each under a name of its own", () => {
  expect(matrixCases).toHaveLength(92);
  expect(allCases).toHaveLength(92 + 39);
  expect(new Set(allCases.map((one) => one.name)).size).toBe(92 + 39);
});

describe.each([
  ["native TypeScript", []],
  ["tsx", tsxFlags],
])("%s", (_kind, flags) => {
  let results: Map<string, string>;
  beforeAll(async () => {
    results = await runProgram(flags);
  });

  test.each(allCases.map((one) => one.name))("%s", (name) => {
    expect(results.get(name)).toBe("ok");
  });
});

describe("vitest", () => {
  const remote = new Remote();
  afterAll(() => remote[Symbol.asyncDispose]());

  test.each(allCases.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    expect(await runCase(one, remote)).toBe("ok");
  });
});
