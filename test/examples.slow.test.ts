import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { present } from "../src/base/assert.ts";
import { WorkerPeaks } from "./memory/worker-peaks.ts";

const examples = path.resolve(import.meta.dirname, "../examples");
const folder = mkdtempSync(path.join(tmpdir(), "lambdask-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of a worker where the example does not say: 70 % of what there is, shared out by core. */
const defaultCap = (0.7 * memoryOfMachine()) / availableParallelism();

function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Runs an example in a folder of its own: the last line that it printed, and the most memory that a worker has had. */
async function run(example: string): Promise<{ end: string; peakBytes: number }> {
  const running = promisify(execFile)(process.execPath, [path.join(examples, example)], {
    cwd: folder,
    maxBuffer: 2 ** 24,
  });
  using workers = new WorkerPeaks(present(running.child.pid, "a process id"));
  const { stdout } = await running;
  return { end: stdout.trimEnd().split("\n").at(-1) ?? "", peakBytes: workers.most };
}

test.for([
  ["flights/main.ts", "checked: 3,000,000 flights from 229 airports"],
  ["text-statistics.ts", "checked: 42049 towns of 59 states"],
  ["delayed-pipeline.ts", "checked: 406 cars, 3201 movies, 344 penguins"],
  ["futures.ts", "checked: 20 ranges"],
  ["access-logs/main.ts", "checked: 280000 lines of 14 gzip files"],
  ["record-linkage/main.ts", "the same as of a loop over all pairs"],
  ["web-crawl/main.ts", "checked: 300 pages, each fetched once"],
  ["monte-carlo/main.ts", "checked: 7.13 by 16 batches, 7.13 by the formula"],
  ["charged-once/main.ts", "checked: 40 customers charged once each"],
  [
    "skewed-join.ts",
    "checked: 1572864 events of 1536 MiB joined by 2 workers of 192 MiB",
    192 * 2 ** 20,
  ],
] as const)("%s checks its own results and stays within its workers' memory", async (row) => {
  const [example, end, cap = defaultCap] = row;
  const ran = await run(example);
  expect(ran.end).toContain(end);
  // The store is all that an example leaves behind where it is started.
  expect(readdirSync(folder)).toEqual([".lambdask"]);
  expect(ran.peakBytes).toBeGreaterThan(0);
  expect(ran.peakBytes).toBeLessThanOrEqual(cap);
});
