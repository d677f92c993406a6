import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { seededRandom } from "../support/random.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const leaves = 120;
// 120 leaves, then sums of 8: 15, 2 and 1.
const tasks = leaves + 15 + 2 + 1;
const kills = 10;

test("a program killed at ten random moments and started again gives the right result and repeats only what was in flight", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const [store, executions, inFlight] = ["store", "executions", "in-flight"].map((name) =>
    path.join(folder.path, name),
  ) as [string, string, string];
  let lost = 0;
  let result = "";
  for (let kill = 0; kill < kills; kill++) {
    const program = startProgram("counted-tree", [store, executions, inFlight]);
    const timer = setTimeout(() => program.process.kill("SIGKILL"), 150 + random.below(500));
    const ended = await program.ended;
    clearTimeout(timer);
    expect(["SIGKILL", 0], program.output.stderr).toContain(ended);
    result = program.output.stdout;
    if (ended === 0) break;
    lost += openTasks(inFlight);
  }
  if (result === "") {
    const last = startProgram("counted-tree", [store, executions, inFlight]);
    expect(await last.ended, last.output.stderr).toBe(0);
    result = last.output.stdout;
  }
  expect(result).toContain(`result ${(leaves * (leaves - 1)) / 2}`);
  const executed = lines(executions).length;
  expect(executed).toBeGreaterThanOrEqual(tasks);
  // A straggler may get a backup, which is no repetition after a kill.
  expect(executed).toBeLessThanOrEqual(tasks + lost + lines(`${inFlight}-backups`).length);
});

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/** Tasks that were sent and not answered since the last call: each kill starts the count anew. */
function openTasks(file: string): number {
  const sum = lines(file).reduce((total, line) => total + Number(line), 0);
  const open = sum - counted;
  counted = sum;
  return open;
}

let counted = 0;
