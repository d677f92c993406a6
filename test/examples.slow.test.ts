import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const examples = path.resolve(import.meta.dirname, "../examples");
const folder = mkdtempSync(path.join(tmpdir(), "lambdask-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs an example in a folder of its own and gives the last line that it printed. */
async function lastLine(example: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(examples, example)], {
    cwd: folder,
    maxBuffer: 2 ** 24,
  });
  return stdout.trimEnd().split("\n").at(-1);
}

test.for([
  ["flights/main.ts", "checked: 3,000,000 flights from 229 airports"],
  ["text-statistics.ts", "checked: 42049 towns of 59 states"],
  ["delayed-pipeline.ts", "checked: 406 cars, 3201 movies, 344 penguins"],
  ["futures.ts", "checked: 20 ranges"],
  ["skewed-join.ts", "checked: 1572864 events of 1536 MiB joined by 2 workers of 192 MiB"],
] as const)("%s checks its own results", async ([example, end]) => {
  expect(await lastLine(example)).toContain(end);
});
