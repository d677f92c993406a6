import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type PlantedBug, plantedBugs, plantedBugVariable } from "./planted-bugs.ts";

const root = path.resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

const here = import.meta.dirname;

/** Runs seeds with the bug in place and gives what they say. */
function withBug({ name, seedsMax, by }: PlantedBug): Promise<string> {
  const env = { ...process.env, [plantedBugVariable]: name };
  const plant = ["--import", path.join(here, "plant-bug.ts")];
  const seeds = ["--seeds", String(seedsMax)];
  if (by !== undefined) return told([...plant, path.join(here, `${by}-main.ts`), ...seeds], env);
  return told([...plant, path.join(here, "main.ts"), ...seeds, "--part", "--stop-at", "1"], env);
}

/** What a program of seeds prints, whether it finds something or not. */
async function told(args: readonly string[], env = process.env): Promise<string> {
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
  for (const where of ["store", "pool"]) {
    expect(plantedBugs.filter(({ by }) => by === where).length).toBeGreaterThanOrEqual(2);
  }
});

test.each(plantedBugs)("the place for it is still there: $name", ({ file, text, bug }) => {
  const source = fs.readFileSync(path.join(root, "src", file), "utf8");
  expect(source.split(text)).toHaveLength(2);
  expect(bug).not.toBe(text);
});

describe("nothing is found without a bug, on the same seeds", () => {
  const most = (by: PlantedBug["by"]): string =>
    String(Math.max(...plantedBugs.filter((bug) => bug.by === by).map((bug) => bug.seedsMax)));

  test("by the simulation", async () => {
    const seeds = most(undefined);
    const said = await told([path.join(here, "main.ts"), "--seeds", seeds]);
    expect(said).toBe(`simulation: ${seeds} seeds, 0 violations\n`);
  });

  test.each(["store", "pool"] as const)("by the %s", async (by) => {
    const seeds = most(by);
    const said = await told([path.join(here, `${by}-main.ts`), "--seeds", seeds]);
    expect(said).toBe(`simulation: ${seeds} seeds, 0 violations\n`);
  });
});

describe("what is found with a bug:", () => {
  test.each(plantedBugs)("$name", async (bug) => {
    expect(await withBug(bug)).toMatch(/simulation: \d+ seeds, 1 violations\n$/);
  });
});
