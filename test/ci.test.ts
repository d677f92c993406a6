import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { budgets, countsOf, outcomes } from "../scripts/ci-summary.ts";

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
