import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isRunning } from "../../src/base/running-process.ts";

test("tells processes that run from those that do not", async () => {
  expect(isRunning(process.pid)).toBe(true);
  // May not be signalled by most users, and is always there.
  expect(isRunning(1)).toBe(true);
  const ended = spawn(process.execPath, ["--eval", ""]);
  await once(ended, "exit");
  expect(isRunning(ended.pid ?? 1)).toBe(false);
});

test.each([0, -1, 1.5, Number.NaN])("takes %d for no process", (pid) => {
  expect(isRunning(pid)).toBe(false);
});
