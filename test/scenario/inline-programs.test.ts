import { expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();

async function linesOf(name: string): Promise<readonly string[]> {
  const program = startProgram(name, [folder.path]);
  expect([await program.ended, program.output.stderr]).toEqual([0, ""]);
  return program.output.stdout.trimEnd().split("\n");
}

test("what listeners throw reaches the program, and ends no work of others", async () => {
  const lines = await linesOf("throwing-listener");
  expect(lines.toSorted()).toEqual([
    "2,4,6",
    "3,5,7",
    ...Array.from({ length: 3 }, () => "uncaught afterwards"),
    ...Array.from({ length: 3 }, () => "uncaught while it ran"),
  ]);
});

test("a program that waits for the next try of a task does not end", async () => {
  expect(await linesOf("inline-timeout")).toEqual(["TASK_TIMEOUT"]);
});
