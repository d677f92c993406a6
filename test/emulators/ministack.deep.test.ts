import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/**
 * Where MiniStack is known to differ from AWS: it runs functions through a worker of its own instead of the Runtime
 * API, so it loses what a function died of, its limits of sizes and memory, and restarts it after any error.
 */
const differences = [
  "a call has a context and the function's settings",
  "a call that is no JSON is refused",
  "a call with more than that is refused",
  "a call whose result is larger has failed",
  "a function that fails by an error says its class, message and trace, and its environment goes on",
  "a function that fails by something that is no error says what",
  "a function that fails by its end says so, and the next call has another environment",
  "a function that fails by its memory is ended",
  "an event of more than a megabyte is refused",
  "on Lambda a function that ends its worker three times is named as what it is",
  "on Lambda a promise that nothing can settle is an error, and its time is not waited for",
  "on Lambda a call beyond its deadline is an error after three attempts",
];

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

test("the cloud suite passes on MiniStack but for what is named here", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-ministack-"));
  try {
    const file = path.join(folder, "report.json");
    const reporters = ["--reporter=json", `--outputFile.json=${file}`];
    const env = { ...process.env, EMULATOR: "ministack" };
    const run = path.join(import.meta.dirname, "run.ts");
    await promisify(execFile)(process.execPath, [run, ...reporters], { env }).catch(() => {});
    const report = JSON.parse(fs.readFileSync(file, "utf8")) as Report;
    const failed = report.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => fullName);
    expect(failed.sort()).toEqual([...differences].sort());
    expect(report.numPassedTests).toBeGreaterThan(150);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
