import { expect, test } from "vitest";
import { FileStore } from "../../src/local/file-store.ts";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();

/** Runs a program to its end; the values that it wrote. */
async function run(verb: string, end: number | string = 0): Promise<unknown[]> {
  const program = startProgram("publish", [folder.path, verb, "words"]);
  expect(await program.ended, program.output.stderr).toBe(end);
  return program.output.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

test("what a program published that is dead is there for others, until one of them unpublishes it", async () => {
  await run("publish", "SIGKILL");
  const [texts, pairs] = await run("read");
  expect((texts as string[]).map((text) => text.split(" ")[0])).toEqual([
    "to",
    "be",
    "or",
    "not",
    "to",
    "be",
  ]);
  expect(new Map(pairs as [string, number][])).toEqual(
    new Map([
      ["to", 2],
      ["be", 2],
      ["or", 1],
      ["not", 1],
    ]),
  );
  expect(await run("read")).toEqual([texts, pairs]);
  await run("unpublish");
  const chunks = new FileStore(folder.path).list("tmp/");
  expect(await Array.fromAsync(chunks, ({ key }) => key)).toEqual([]);
  const program = startProgram("publish", [folder.path, "read", "words"]);
  expect(await program.ended).toBe(1);
  expect(program.output.stderr).toContain("NOT_PUBLISHED");
});
