// The end of .ci/run: minutes of each suite beside its budget, then the one line that counts.
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
  const markdown = fs.readFileSync(new URL("../docs/ci.md", import.meta.url), "utf8");
  const budget = budgets(markdown);
  let passed = 0;
  let failed = 0;
  for (const suite of outcomes(read("suites.tsv") ?? "")) {
    const counts = countsOf(suite, read(`${suite.name}.json`));
    passed += counts.passed;
    failed += counts.failed;
    console.log(row(suite, counts, budget.get(suite.name)));
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) main(process.argv[2] ?? "");
