import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const expected = `result ${(120 * 119) / 2}`;

test("two programs that do the same work on one store at once both get the right result", async () => {
  const store = path.join(folder.path, "store");
  const programs = ["a", "b"].map((name) =>
    startProgram("counted-tree", [
      store,
      path.join(folder.path, `executions-${name}`),
      path.join(folder.path, `in-flight-${name}`),
    ]),
  );
  for (const program of programs) {
    expect(await program.ended, program.output.stderr).toBe(0);
    expect(program.output.stdout).toContain(expected);
  }
});
