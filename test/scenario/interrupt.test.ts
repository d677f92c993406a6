import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const tasks = 120 + 15 + 2 + 1;

test("Ctrl-C lets running tasks end, says how to go on, and the next run repeats nothing", async () => {
  const [store, executions, inFlight] = ["store", "executions", "in-flight"].map((name) =>
    path.join(folder.path, name),
  ) as [string, string, string];
  const first = startProgram("counted-tree", [store, executions, inFlight, "10"]);
  await until(() => lines(executions).length >= 10);
  first.process.kill("SIGINT");
  expect(await first.ended).toBe(130);
  expect(first.output.stderr).toContain("run the same program again to resume");
  expect(first.output.stderr).toContain("CANCELLED");
  const before = lines(executions);
  expect(before.length).toBeLessThan(tasks);
  const second = startProgram("counted-tree", [store, executions, inFlight, "10"]);
  expect(await second.ended, second.output.stderr).toBe(0);
  expect(second.output.stdout).toContain(`result ${(120 * 119) / 2}`);
  const after = lines(executions).slice(before.length);
  // A straggler may get a backup within one run; what one run has finished, the next one must not run again.
  expect(after.filter((task) => before.includes(task))).toEqual([]);
  expect(new Set([...before, ...after]).size).toBe(tasks);
});

test("a second Ctrl-C ends the program by the signal at once", async () => {
  const file = path.join(folder.path, "started");
  const program = startProgram("endless", [path.join(folder.path, "endless"), file]);
  await until(() => existsSync(file));
  program.process.kill("SIGINT");
  await until(() => program.output.stderr.includes("Ctrl-C again"));
  program.process.kill("SIGINT");
  expect(await program.ended).toBe("SIGINT");
});

/** Which tasks ran, in order. */
function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/** Looks again and again until `condition` holds: the test's own limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
