import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Remote } from "../support/remote.ts";
import { runMatrix } from "../support/run-matrix.ts";
import { allCases, matrixCases } from "./all.ts";
import { runCase } from "./run-case.ts";

const names = allCases.map((one) => one.name);

test("there are 92 cases and 39 kinds of scope, each under a name of its own", () => {
  expect(matrixCases).toHaveLength(92);
  expect(allCases).toHaveLength(92 + 39);
  expect(new Set(names).size).toBe(92 + 39);
});

describe("in a native TypeScript program", () => {
  let results: Map<string, string>;
  beforeAll(async () => {
    results = await runMatrix(fileURLToPath(new URL("./program.ts", import.meta.url)));
  }, 300_000); // Eight seconds where nothing else runs.

  test.each(names)("%s", (name) => {
    expect(results.get(name)).toBe("ok");
  });
});

describe("under vitest", () => {
  const remote = new Remote();
  afterAll(() => remote[Symbol.asyncDispose]());

  test.each(allCases.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    expect(await runCase(one, remote)).toBe("ok");
  });
});
