import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { budgets, countsOf, failuresOf, outcomes } from "../scripts/ci-summary.ts";

const root = path.resolve(import.meta.dirname, "..");
const good = { name: "test", passed: true, seconds: 1 };
const bad = { ...good, passed: false };
const report = (numPassedTests: number, numFailedTests: number): string =>
  JSON.stringify({ numPassedTests, numFailedTests });

test("every suite of .ci/run has a budget, and together they stay within 35 minutes", () => {
  const script = fs.readFileSync(path.join(root, ".ci/run"), "utf8");
  const suites = [...script.matchAll(/^(?:vitest_)?suite ([a-z]+) npm/gm)].map((match) => match[1]);
  const table = budgets(fs.readFileSync(path.join(root, "docs/ci.md"), "utf8"));
  expect([...table.keys()]).toEqual(suites);
  expect([...table.values()].reduce((sum, minutes) => sum + minutes, 0)).toBeLessThanOrEqual(35);
});

test("outcomes are read as .ci/run writes them", () => {
  expect(outcomes("start\tpassed\t12\ntest\tfailed\t3\n")).toEqual([
    { name: "start", passed: true, seconds: 12 },
    { name: "test", passed: false, seconds: 3 },
  ]);
});

test("a vitest suite counts its tests, another command counts as one", () => {
  expect(countsOf(good, report(7, 0))).toEqual({ passed: 7, failed: 0 });
  expect(countsOf(bad, report(7, 2))).toEqual({ passed: 7, failed: 2 });
  expect(countsOf(good, undefined)).toEqual({ passed: 1, failed: 0 });
  expect(countsOf(bad, undefined)).toEqual({ passed: 0, failed: 1 });
});

test("a suite that fails without a failed test, or runs none, is a failure all the same", () => {
  expect(countsOf(bad, report(7, 0))).toEqual({ passed: 7, failed: 1 });
  expect(countsOf(good, report(0, 0))).toEqual({ passed: 0, failed: 1 });
});

test("what failed is named with its file and the first line of the reason, also a file that does not load", () => {
  const file = (name: string, tests: readonly string[], rest: object): object => ({
    name: path.join(root, name),
    assertionResults: tests.map((status, i) => ({
      status,
      fullName: `verbs hold ${i}`,
      failureMessages: status === "failed" ? ["AssertionError: 1 is not 2\n    at verbs.ts:3"] : [],
    })),
    ...rest,
  });
  const testResults = [
    file("test/sound.test.ts", ["passed", "skipped"], { status: "passed" }),
    file("test/verbs.test.ts", ["passed", "failed"], { status: "failed", message: "" }),
    file("test/broken.test.ts", [], { status: "failed", message: "Cannot find module\n    at 1" }),
  ];
  expect(failuresOf(JSON.stringify({ testResults }), root)).toEqual([
    "test/verbs.test.ts > verbs hold 1: AssertionError: 1 is not 2",
    "test/broken.test.ts: Cannot find module",
  ]);
});
