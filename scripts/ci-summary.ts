// The end of .ci/run: minutes of each suite beside its budget, what failed by name, then the one line that counts.
import fs from "node:fs";
import path from "node:path";

/** How one suite of .ci/run ended. */
export interface SuiteOutcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Tests that passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** What is read here of vitest's report on one file. */
interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** Minutes per suite, from the table in docs/ci.md. */
export function budgets(markdown: string): Map<string, number> {
  const rows = markdown.matchAll(/^\|\s*([a-z]+)\s*\|.*\|\s*(\d+)\s*\|$/gm);
  return new Map([...rows].map((row) => [row[1] ?? "", Number(row[2])]));
}

/** The lines .ci/run wrote, one per suite: name, outcome and seconds. */
export function outcomes(text: string): SuiteOutcome[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [name = "", outcome, seconds] = line.split("\t");
      return { name, passed: outcome === "passed", seconds: Number(seconds) };
    });
}

/** A suite's counts from vitest's report; without one the command itself is the one thing counted. */
export function countsOf(suite: SuiteOutcome, report: string | undefined): Counts {
  if (report === undefined)
    return suite.passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(report) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  // A file that does not load, or a run without tests, fails the suite and no single test.
  const isHiddenFailure = numFailedTests === 0 && (!suite.passed || numPassedTests === 0);
  return { passed: numPassedTests, failed: isHiddenFailure ? 1 : numFailedTests };
}

/**
 * Names of the tests that failed, by vitest's report, each with its file; of a file that does not load, the file. CI may
 * keep only the end of what it printed, so the end has to say what to look for.
 */
export function failuresOf(report: string, root: string): string[] {
  const { testResults } = JSON.parse(report) as { testResults: readonly FileReport[] };
  return testResults.flatMap(({ name, status, assertionResults, message }) => {
    const file = path.relative(root, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && status === "failed") return [named(file, message)];
    return failed.map((test) => named(`${file} > ${test.fullName}`, test.failureMessages[0]));
  });
}

/** A name with the first line of what went wrong. */
function named(name: string, message = ""): string {
  const line = message.split("\n", 1)[0] ?? "";
  return line === "" ? name : `${name}: ${line}`;
}

/** One line of the table. */
function row(suite: SuiteOutcome, counts: Counts, budget: number | undefined): string {
  const minutes = (suite.seconds / 60).toFixed(1);
  const over = budget !== undefined && suite.seconds > budget * 60 ? "  OVER BUDGET" : "";
  const result = counts.failed === 0 ? "passed" : "FAILED";
  return `${suite.name.padEnd(12)} ${result}  ${minutes.padStart(5)} of ${budget ?? "?"} min${over}`;
}

function main(reports: string): void {
  const read = (name: string): string | undefined => {
    const file = path.join(reports, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
  };
  const root = path.resolve(import.meta.dirname, "..");
  const markdown = fs.readFileSync(path.join(root, "docs/ci.md"), "utf8");
  const budget = budgets(markdown);
  let passed = 0;
  let failed = 0;
  const names: string[] = [];
  for (const suite of outcomes(read("suites.tsv") ?? "")) {
    const report = read(`${suite.name}.json`);
    const counts = countsOf(suite, report);
    if (report !== undefined) names.push(...failuresOf(report, root));
    passed += counts.passed;
    failed += counts.failed;
    console.log(row(suite, counts, budget.get(suite.name)));
  }
  for (const name of names) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) main(process.argv[2] ?? "");
