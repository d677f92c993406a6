import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type PlantedBug, plantedBugs, plantedBugVariable } from "./planted-bugs.ts";

const root = path.resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Runs seeds with the bug in place and gives what the simulation says. */
async function simulate({ name, seedsMax }: PlantedBug): Promise<string> {
  const args = ["--import", path.join(import.meta.dirname, "plant-bug.ts")];
  args.push(path.join(import.meta.dirname, "main.ts"));
  args.push("--seeds", String(seedsMax), "--part", "--stop-at", "1");
  const env = { ...process.env, [plantedBugVariable]: name };
  return run(process.execPath, args, { env }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // Exit code 1 is what is hoped for; the rest shows in what was printed.
      if (!(error instanceof Error && "stdout" in error && "stderr" in error)) throw error;
      return `${error.stderr}${error.stdout}`;
    },
  );
}

test("the bugs are enough, and spread over the rooms", () => {
  const of = (room: string): number =>
    plantedBugs.filter(({ file }) => file.startsWith(`${room}/`)).length;
  expect(plantedBugs.length).toBeGreaterThanOrEqual(12);
  expect(of("schedule")).toBeGreaterThanOrEqual(8);
  expect(of("plan")).toBeGreaterThanOrEqual(2);
  expect(of("local")).toBeGreaterThanOrEqual(2);
});

test.each(plantedBugs)("the place for it is still there: $name", ({ file, text, bug }) => {
  const source = fs.readFileSync(path.join(root, "src", file), "utf8");
  expect(source.split(text)).toHaveLength(2);
  expect(bug).not.toBe(text);
});

describe("the simulation finds", () => {
  test.each(plantedBugs)("$name", async (bug) => {
    const told = await simulate(bug);
    expect(told).toMatch(/simulation: \d+ seeds, 1 violations\n$/);
  });
});
