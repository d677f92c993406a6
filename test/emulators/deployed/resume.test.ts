import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../client/support.ts";
import { startCounter } from "../builtin/observed.ts";
import { type Cloud, openCloud } from "../cloud.ts";
import { countedTasks, KilledProgram } from "../killed-program.ts";

const folder = temporaryFolder();
let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

test("a program that is killed and started again goes on where it was", async () => {
  await using counter = await startCounter();
  const program = new KilledProgram(cloud.options, counter, path.join(folder.path, "in-flight"));
  const until = 25;
  expect(await program.run(until, 20)).toBe(true);
  const before = program.executions;
  expect(await program.run(Number.POSITIVE_INFINITY, 0)).toBe(false);
  const [lost = 0] = program.lost;
  // What was done is not done again, but for what was on its way.
  expect(before).toBeGreaterThanOrEqual(until);
  expect(program.executions).toBeGreaterThanOrEqual(countedTasks);
  expect(program.executions).toBeLessThanOrEqual(countedTasks + lost + program.backups);
  expect(lost).toBeLessThan(until);
});
